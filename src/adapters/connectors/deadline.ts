import { fail } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Instant } from '../../core/time.ts';

const LONGEST_MS = 2_000_000_000;

/** When a call gives up, by whose clock, and which target the error names. */
export type Deadline = { readonly target: string; readonly at: Instant; readonly clock: Clock };

/** Milliseconds left, at least 1; throws `target_failed` when there are none. */
export function requireTime(deadline: Deadline): number {
  const leftMs = Math.min(Math.floor(deadline.at - deadline.clock.now()), LONGEST_MS);
  if (leftMs < 1) throw outOfTime(deadline);
  return leftMs;
}

/** The action's result, or `target_failed` at the deadline; whoever calls must then see to it that the action stops. */
export async function beforeDeadline<T>(deadline: Deadline, action: Promise<T>): Promise<T> {
  const settled = new AbortController();
  try {
    return await Promise.race([action, giveUp(deadline, settled.signal)]);
  } finally {
    settled.abort();
  }
}

async function giveUp(deadline: Deadline, settled: AbortSignal): Promise<never> {
  while (!settled.aborted && deadline.clock.now() < deadline.at) {
    await deadline.clock.sleep(deadline.at - deadline.clock.now(), settled);
  }
  throw outOfTime(deadline);
}

function outOfTime(deadline: Deadline): Error {
  return fail('target_failed', { target: deadline.target, why: 'it did not finish in time' });
}
