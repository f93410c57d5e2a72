import type { Clock } from '../../../src/core/ports/clock.ts';

export type ScriptedClock = Clock & {
  /** Every sleep that was asked for, in milliseconds. */
  readonly sleeps: number[];
  /** Sets the wall clock; the monotonic one does not notice. */
  setBack(ms: number): void;
};

const START_AT = Date.UTC(2026, 10, 21, 12, 0, 0);

/**
 * A clock whose sleeps take no time and pass it. `onSleep` is called at every sleep, for what happens meanwhile.
 */
export function createSteppingClock(
  options: { readonly startAt?: number; readonly onSleep?: (clock: ScriptedClock) => void } = {},
): ScriptedClock {
  let monotonicMs = 1_000;
  let wallMs = (options.startAt ?? START_AT) - monotonicMs;
  const clock: ScriptedClock = {
    sleeps: [],
    now: () => wallMs + monotonicMs,
    monotonicMs: () => monotonicMs,
    setBack: (ms) => {
      wallMs -= ms;
    },
    sleep: async (ms, signal) => {
      if (signal?.aborted) return;
      clock.sleeps.push(ms);
      monotonicMs += ms;
      options.onSleep?.(clock);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  return clock;
}

/** A clock that stands still: a sleep ends only when its signal is aborted, or at `advance`. */
export function createStandingClock(): Clock & { advance(ms: number): void; asleep(): Promise<void> } {
  let monotonicMs = 1_000;
  let wakers: (() => void)[] = [];
  const asleep = Promise.withResolvers<void>();
  return {
    now: () => START_AT + monotonicMs,
    monotonicMs: () => monotonicMs,
    sleep: (_ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        signal?.addEventListener('abort', () => resolve(), { once: true });
        wakers.push(resolve);
        asleep.resolve();
      }),
    advance: (ms) => {
      monotonicMs += ms;
      for (const wake of wakers) wake();
      wakers = [];
    },
    asleep: () => asleep.promise,
  };
}
