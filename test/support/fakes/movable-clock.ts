import type { Clock } from '../../../src/core/ports/clock.ts';

/** The host's clock, moved by hand: `skewMs` is added to it. */
export type MovableClock = Clock & { skewMs: number };

export function createMovableClock(): MovableClock {
  const clock: MovableClock = {
    skewMs: 0,
    now: () => Date.now() + clock.skewMs,
    monotonicMs: () => performance.now(),
    sleep: async () => {},
  };
  return clock;
}
