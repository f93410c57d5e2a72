import { describeStore } from '../../core/config/store.ts';
import { fail } from '../../core/errors.ts';
import type { Store } from '../../core/ports/store.ts';
import type { QuarantineReport } from '../../core/server-store.ts';
import { formatInstant, type Instant } from '../../core/time.ts';
import { imposeQuarantine, type QuarantineNote, readQuarantine } from '../keeping/quarantine.ts';
import { openStore } from './store.ts';
import type { KeepingOptions } from './store-keeping.ts';

/**
 * For a store that was brought back by other means than a backup of jit's, a snapshot of its database say, which cannot know
 * that it was: from now on it is in quarantine. Its copy is as old as the last thing that it remembers.
 */
export async function quarantineStore(
  options: KeepingOptions,
  { by }: { readonly by: string },
): Promise<QuarantineReport> {
  const opened = await openStore({ ...options, isCurrent: true });
  try {
    const { store, clock } = opened;
    const now = clock.now();
    const taken_at = formatInstant((await findLastAt(store)) ?? now);
    const note: QuarantineNote = { restored_at: formatInstant(now), taken_at, by };
    const known = (await readQuarantine(store)) ?? ((await imposeQuarantine(store, note)) ? note : undefined);
    if (!known) throw fail('failed', { why: 'somebody else did so at this moment: look again' });
    return { store: describeStore(options.config.store), takenAt: known.taken_at };
  } finally {
    await opened.close();
  }
}

async function findLastAt(store: Pick<Store, 'findPosition' | 'listChanges'>): Promise<Instant | undefined> {
  const position = await store.findPosition();
  const [last] = await store.listChanges({ after: position - 1, limit: 1 });
  return last?.at;
}
