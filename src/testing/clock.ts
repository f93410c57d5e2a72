import { equal, ok } from 'node:assert/strict';
import type { Clock } from '../core/ports/clock.ts';
import type { SuiteRunner } from './suite.ts';

/** A clock, and a way to let its time pass: for one of the real world, waiting is all that can be done. */
export type ClockUnderTest = {
  readonly clock: Clock;
  readonly pass: (ms: number) => Promise<void>;
};

const SHORT_MS = 20;
const LONG_MS = 3_600_000;
/** More than a timer can count: one that overflowed would fire at once. */
const BEYOND_TIMERS_MS = 2 ** 40;

/** What every `Clock` does (S10). */
export function clockSuite({ test }: SuiteRunner, open: () => ClockUnderTest): void {
  test('time goes on, and never back', async () => {
    const { clock, pass } = open();
    const [at, monotonicMs] = [clock.now(), clock.monotonicMs()];
    await pass(SHORT_MS);
    ok(Number.isFinite(at) && clock.now() >= at);
    ok(clock.monotonicMs() >= monotonicMs);
  });

  test('a sleep ends when its time has passed', async () => {
    const { clock, pass } = open();
    for (const ms of [SHORT_MS, 0, -1]) {
      const sleeping = clock.sleep(ms);
      await pass(Math.max(ms, 0));
      equal(await sleeping, undefined);
    }
  });

  test('a sleep ends at once when it is left, and never rejects', async () => {
    const { clock } = open();
    equal(await clock.sleep(LONG_MS, AbortSignal.abort()), undefined);
    for (const ms of [LONG_MS, BEYOND_TIMERS_MS]) {
      const leaving = new AbortController();
      const sleeping = clock.sleep(ms, leaving.signal);
      leaving.abort(new Error('no reason of anybody’s'));
      equal(await sleeping, undefined);
    }
  });

  test('sleepers are woken by their own time and their own signal', async () => {
    const { clock, pass } = open();
    const leaving = new AbortController();
    const long = clock.sleep(LONG_MS, leaving.signal);
    const short = clock.sleep(SHORT_MS);
    await pass(SHORT_MS);
    await short;
    leaving.abort();
    await long;
  });
}
