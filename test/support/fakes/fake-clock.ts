import type { Clock } from '../../../src/core/ports/clock.ts';
import type { Instant } from '../../../src/core/time.ts';

/** Time that passes only when a test says so. */
export type FakeClock = Clock & {
  /** Lets time pass; whoever sleeps wakes in order, and what they then do is done before this resolves. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock, as an administrator or NTP would; sleepers and `monotonicMs` do not notice. */
  setWall(at: Instant): void;
  /** Resolves as soon as at least `count` callers are asleep. */
  untilSleeping(count?: number): Promise<void>;
  readonly sleeping: number;
};

type Sleeper = { readonly wakeMs: number; readonly wake: () => void };
type Watcher = { readonly count: number; readonly resolve: () => void };

/** A clock that stands at `startAt`. */
export function createFakeClock(startAt: Instant): FakeClock {
  let wallAt = startAt;
  let elapsedMs = 0;
  let sleepers: readonly Sleeper[] = [];
  let watchers: readonly Watcher[] = [];

  const remove = (sleeper: Sleeper): void => {
    sleepers = sleepers.filter((other) => other !== sleeper);
  };
  const add = (sleeper: Sleeper): void => {
    sleepers = [...sleepers, sleeper].sort((left, right) => left.wakeMs - right.wakeMs);
    for (const watcher of watchers) if (sleepers.length >= watcher.count) watcher.resolve();
    watchers = watchers.filter((watcher) => sleepers.length < watcher.count);
  };
  const pass = (ms: number): void => {
    elapsedMs += ms;
    wallAt += ms;
  };

  return {
    now: () => wallAt,
    monotonicMs: () => elapsedMs,
    get sleeping() {
      return sleepers.length;
    },
    setWall: (at) => {
      wallAt = at;
    },
    sleep: (ms, signal) => {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = (): void => {
          remove(sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper = { wakeMs: elapsedMs + Math.max(0, ms), wake };
        signal?.addEventListener('abort', wake);
        add(sleeper);
      });
    },
    untilSleeping: (count = 1) =>
      sleepers.length >= count
        ? Promise.resolve()
        : new Promise((resolve) => {
            watchers = [...watchers, { count, resolve }];
          }),
    advance: async (ms) => {
      const endMs = elapsedMs + ms;
      for (;;) {
        const next = sleepers[0];
        if (!next || next.wakeMs > endMs) break;
        pass(Math.max(0, next.wakeMs - elapsedMs));
        next.wake();
        await settle();
      }
      pass(endMs - elapsedMs);
      await settle();
    },
  };
}

/** Everything that can go on without a timer or the outside world has gone on. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
