import { createIds } from '../../adapters/ids.ts';
import { buildEvent } from '../../broker/events.ts';
import type { Broker } from '../../broker/parts.ts';
import { fail } from '../../core/errors.ts';
import type { ReconcileReport } from '../../core/reconciliation.ts';
import type { ConfirmReport, Differences } from '../../core/server-store.ts';
import { liftQuarantine, readQuarantine } from '../keeping/quarantine.ts';
import { type ReconcileOptions, reconcileOnce } from './reconcile-once.ts';
import { openStore } from './store.ts';

export type ConfirmOptions = Omit<ReconcileOptions, 'apply'> & { readonly by: string };

/**
 * Somebody has looked at the difference: from now on what is overdue is revoked, and what nobody holds is removed. What
 * the targets and the store differ in at this moment is on record with who said so.
 */
export async function confirmRestore(options: ConfirmOptions): Promise<ConfirmReport> {
  const found = await reconcileOnce({ ...options, apply: false });
  const opened = await openStore({ ...options, isCurrent: true });
  try {
    const { store, clock } = opened;
    return await confirmNow({ store, clock, ids: createIds(clock) }, { found, by: options.by });
  } finally {
    await opened.close();
  }
}

/** Confirms a restore whose differences were found, over a store that is open already: for a server that runs. */
export async function confirmNow(
  { store, clock, ids }: Pick<Broker, 'store' | 'clock' | 'ids'>,
  { found, by }: { readonly found: ReconcileReport; readonly by: string },
): Promise<ConfirmReport> {
  const { strays, missing, failures } = found;
  const unseen = failures.filter(({ handle }) => handle === null).length;
  const differences: Differences = { strays: strays.length, missing: missing.length, unseen };
  const note = await readQuarantine(store);
  const detail = { ...note, ...differences };
  const event = buildEvent({ ids, clock }, { kind: 'store.confirmed', actor: by, detail });
  if (!note || !(await liftQuarantine(store, { note, event }))) throw fail('not_quarantined', {});
  return { takenAt: note.taken_at, differences };
}
