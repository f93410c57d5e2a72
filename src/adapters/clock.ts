import type { Clock } from '../core/ports/clock.ts';

/** A longer `setTimeout` would overflow and fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The host's clock: the one place that asks for the time. */
export function createSystemClock(): Clock {
  return { now: () => Date.now(), monotonicMs, sleep };
}

/** Not by `performance`, which costs a millisecond to load. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1_000_000;
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, Math.min(Math.max(0, ms), LONGEST_TIMER_MS));
    signal?.addEventListener('abort', wake);
  });
}
