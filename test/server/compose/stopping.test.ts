import { describe, expect, it } from 'vitest';
import { DEFAULT_OPERATIONS } from '../../../src/core/config/default.ts';
import { type StopParts, stopServer } from '../../../src/server/compose/stopping.ts';
import { createFakeClock } from '../../support/fakes/fake-clock.ts';

const hang = (): Promise<void> => new Promise(() => undefined);

/** Parts that write down what is done with them, in order. */
function open(drainSeconds: number) {
  const done: string[] = [];
  const clock = createFakeClock(0);
  const note = (what: string) => async (): Promise<void> => void done.push(`${clock.monotonicMs()} ${what}`);
  const site = {
    config: { operations: { ...DEFAULT_OPERATIONS, drainSeconds } },
    sendHome: () => void note('send home')(),
    hush: note('hush'),
    rest: note('rest'),
    close: note('close connectors'),
  };
  const parts = {
    clock,
    health: { drain: () => void note('say so')() },
    http: {
      drain: () => void note('ask clients to leave')(),
      close: async (longestMs: number) => void done.push(`${clock.monotonicMs()} close http in ${longestMs}`),
    },
    worker: { stop: note('stop worker') },
    sites: { current: () => site, settle: note('settle') },
    closeReloading: note('reload no more'),
    closeMetrics: note('close metrics'),
    closeControl: note('take no orders'),
    closeStore: note('close store'),
  };
  return { done, clock, parts: parts as unknown as StopParts };
}

describe('a server that stops', () => {
  it('says so first, while it listens; then lets requests end, then its own work, and closes the store last', async () => {
    const { done, clock, parts } = open(3);
    const stopped = stopServer(parts);
    await clock.untilSleeping(3);
    expect(done).toEqual(['0 say so', '0 ask clients to leave', '0 reload no more', '0 take no orders']);
    await clock.advance(3_000);
    await stopped;
    expect(done.slice(4)).toEqual([
      '3000 send home',
      '3000 close http in 5500',
      '3000 hush',
      '3000 stop worker',
      '3000 rest',
      '3000 settle',
      '3000 close connectors',
      '3000 close metrics',
      '3000 close store',
    ]);
  });

  it.each([
    ['an order of this machine', { closeControl: hang }, 'settle'],
    ['a target', { worker: { stop: hang } }, 'settle'],
    ['a database', { closeStore: hang }, 'close metrics'],
  ])(
    'does not wait for %s that hangs: after ten seconds it is gone, and the rest is for the next start',
    async (_, hanging, last) => {
      const { done, clock, parts } = open(0);
      const stopped = stopServer({ ...parts, ...hanging } as StopParts);
      await clock.advance(8_499);
      expect(done.at(-1)?.replace(/^\d+ /, '')).toBe(last);
      await clock.advance(1);
      await stopped;
      expect(done).toContain('0 say so');
      expect(done.filter((what) => /close (connectors|metrics|store)/.test(what)).length).toBeGreaterThan(1);
      expect(clock.sleeping).toBe(0);
    },
  );

  it('leaves those who are being answered their time, though a reload hangs', async () => {
    const { done, clock, parts } = open(0);
    const stopped = stopServer({ ...parts, closeReloading: hang });
    await clock.advance(2_000);
    await stopped;
    expect(done.slice(2, 5)).toEqual(['2000 take no orders', '2000 send home', '2000 close http in 6500']);
    expect([done.at(-1), clock.sleeping]).toEqual(['2000 close store', 0]);
  });
});
