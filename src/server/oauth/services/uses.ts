import type { Clock } from '../../../core/ports/clock.ts';
import type { Store } from '../../../core/ports/store.ts';
import { type Instant, SECOND_MS } from '../../../core/time.ts';
import { createRecent } from '../recent.ts';

/** Two uses this close are one to whoever asks when a grant was used: nothing in jit ends after so little idleness. */
const GRAIN_MS = 2 * SECOND_MS;
const MOST_GRANTS = 10_000;

/**
 * Records that a grant was used. A service that asks a thousand times a second writes once in two seconds, and is answered
 * where nothing can be written: then the grant only looks less used than it is.
 */
export function createUses(parts: {
  readonly store: Pick<Store, 'recordUse'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly onError: (error: unknown) => void;
}): (grantId: string) => Promise<void> {
  const recorded = createRecent<Instant>(MOST_GRANTS);
  return async (grantId) => {
    const now = parts.clock.now();
    const last = recorded.find(grantId);
    if (last !== undefined && Math.abs(now - last) < GRAIN_MS) return;
    recorded.keep(grantId, now);
    try {
      await parts.store.recordUse(grantId, now);
    } catch (error) {
      recorded.forget(grantId);
      parts.onError(error);
    }
  };
}
