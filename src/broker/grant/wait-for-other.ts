import type { Grant } from '../../core/grant.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { Broker } from '../parts.ts';

/** A little longer than a target may take. */
const LONGEST_WAIT_MS = 12 * SECOND_MS;
const LOOK_EVERY_MS = SECOND_MS;

/**
 * The grant once the claim that goes on with it is through, on whatever replica; still `provisioning` where that takes
 * longer than it may.
 */
export async function waitForOther(
  { store, clock }: Pick<Broker, 'store' | 'clock'>,
  id: string,
): Promise<Grant | undefined> {
  const untilMs = clock.monotonicMs() + LONGEST_WAIT_MS;
  let nap = new AbortController();
  const stop = store.changes(({ grantId }) => {
    if (grantId === id) nap.abort('woken');
  });
  try {
    for (;;) {
      nap = new AbortController();
      const grant = await store.readGrant(id);
      const leftMs = untilMs - clock.monotonicMs();
      if (grant?.state !== 'provisioning' || leftMs <= 0) return grant;
      await clock.sleep(Math.min(leftMs, LOOK_EVERY_MS), nap.signal);
    }
  } finally {
    stop();
  }
}
