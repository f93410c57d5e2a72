import type { Broker } from '../../broker/parts.ts';
import { type Missing, reconcile } from '../../broker/reconciliation/reconcile.ts';
import { keepTargetsUp } from '../../broker/work/upkeep.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { SECOND_MS } from '../../core/time.ts';

const EVERY_MS = 60 * SECOND_MS;

export type HousekeepingParts = {
  readonly broker: Broker;
  readonly clock: Clock;
  /** Must nothing be done by itself at this moment? */
  readonly isHeld?: () => Promise<boolean>;
  /** Told once of every active grant whose credential is not at its target. */
  readonly onMissing?: (missing: Missing) => void;
  readonly onError: (error: unknown) => void;
};

/**
 * At the start and every minute: what is live at the targets against what is granted, passwords that are due, and places
 * in the log.
 */
export function startHousekeeping(parts: HousekeepingParts): { readonly stop: () => Promise<void> } {
  const stopping = new AbortController();
  const told = new Set<string>();
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await tidy(parts, told).catch(parts.onError);
      await parts.clock.sleep(EVERY_MS, stopping.signal);
    }
  };
  const running = run();
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

async function tidy(parts: HousekeepingParts, told: Set<string>): Promise<void> {
  const { broker, isHeld } = parts;
  if (await isHeld?.()) return;
  const { missing, failures } = await reconcile(
    { ...broker, ...(isHeld ? { isHeld } : {}) },
    { apply: true },
  );
  for (const one of missing.filter(({ grantId }) => !told.has(grantId))) parts.onMissing?.(one);
  told.clear();
  for (const { grantId } of missing) told.add(grantId);
  for (const { error } of failures) parts.onError(error);
  for (const failure of await keepTargetsUp(parts.broker)) parts.onError(failure);
  // What is committed gets its place in the log as readers come to it: where none does, not all of it at once one day.
  await parts.broker.store.findPosition();
}
