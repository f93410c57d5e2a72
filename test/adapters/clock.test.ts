import { describe, expect, it } from 'vitest';
import { createSystemClock } from '../../src/adapters/clock.ts';
import type { Clock } from '../../src/core/ports/clock.ts';
import { createFakeClock } from '../support/fakes/fake-clock.ts';

const DAYS_MS = 24 * 3600 * 1000;

async function isSettled(promise: Promise<void>): Promise<boolean> {
  const pending = new Promise<'pending'>((resolve) => setImmediate(() => resolve('pending')));
  return (await Promise.race([promise, pending])) !== 'pending';
}

describe.each<[string, () => Clock]>([
  ['the system clock', createSystemClock],
  ['the fake clock', () => createFakeClock(Date.now())],
])('%s', (_, create) => {
  it('tells the time of the host', () => {
    expect(Math.abs(create().now() - Date.now())).toBeLessThan(1000);
  });

  it('never lets monotonic time go back', () => {
    const clock = create();
    const beforeMs = clock.monotonicMs();
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(beforeMs);
  });

  it('wakes at once, without failing, when the signal is aborted', async () => {
    const clock = create();
    const controller = new AbortController();
    const sleep = clock.sleep(DAYS_MS, controller.signal);
    expect(await isSettled(sleep)).toBe(false);
    controller.abort(new Error('reason'));
    await expect(sleep).resolves.toBeUndefined();
    await expect(clock.sleep(DAYS_MS, controller.signal)).resolves.toBeUndefined();
  });

  it('S10: sleeps on through a time that overflows a timer', async () => {
    const controller = new AbortController();
    const sleep = create().sleep(30 * DAYS_MS, controller.signal);
    expect(await isSettled(sleep)).toBe(false);
    controller.abort();
    await sleep;
  });
});

describe('the system clock', () => {
  it('wakes by itself', async () => {
    await expect(createSystemClock().sleep(5)).resolves.toBeUndefined();
    await expect(createSystemClock().sleep(-5)).resolves.toBeUndefined();
  });
});

describe('the fake clock', () => {
  it('wakes sleepers in the order of their times, each at its time', async () => {
    const clock = createFakeClock(1000);
    const woken: (readonly [string, number])[] = [];
    const sleeper = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms);
      woken.push([name, clock.now()]);
    };
    const all = [sleeper('late', 300), sleeper('early', 100), sleeper('never', 900)];
    await clock.untilSleeping(3);
    await clock.advance(500);
    expect(woken).toEqual([
      ['early', 1100],
      ['late', 1300],
    ]);
    expect([clock.now(), clock.monotonicMs(), clock.sleeping]).toEqual([1500, 500, 1]);
    await clock.advance(500);
    await Promise.all(all);
  });

  it('wakes a loop that sleeps again as often as it would have woken', async () => {
    const clock = createFakeClock(0);
    let rounds = 0;
    const controller = new AbortController();
    const loop = (async () => {
      while (!controller.signal.aborted) {
        await clock.sleep(10, controller.signal);
        rounds += 1;
      }
    })();
    await clock.advance(95);
    expect(rounds).toBe(9);
    controller.abort();
    await loop;
  });

  it('DEV-06: keeps monotonic time when the wall clock is set', async () => {
    const clock = createFakeClock(1000);
    clock.setWall(50_000_000);
    expect([clock.now(), clock.monotonicMs()]).toEqual([50_000_000, 0]);
  });
});
