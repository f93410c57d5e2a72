import { afterEach, describe, expect, it } from 'vitest';
import { type DatabaseClock, openDatabaseClock } from '../../src/adapters/database-clock.ts';
import { createFakeClock, type FakeClock } from '../support/fakes/fake-clock.ts';

const START_AT = 1_800_000_000_000;

let clock: DatabaseClock | undefined;

afterEach(() => clock?.stop());

/** A database whose clock is `offsetMs` before the host's, and takes as long for an answer as `wayMs` says. */
async function open(offsetMs: number, wayMs = 0) {
  const host: FakeClock = createFakeClock(START_AT);
  const errors: unknown[] = [];
  const database = { at: START_AT + offsetMs, wayMs, asked: 0, isAway: false };
  const opened = await openDatabaseClock({
    host,
    onError: (error) => errors.push(error),
    readTime: async () => {
      database.asked += 1;
      if (database.isAway) throw new Error('away');
      await host.advance(database.wayMs / 2);
      const at = database.at + host.monotonicMs();
      await host.advance(database.wayMs / 2);
      return at;
    },
  });
  clock = opened;
  return { host, errors, database, clock: opened };
}

describe('the clock of a server whose time is the database’s', () => {
  it('tells the database’s time, whatever the host believes, and counts on by itself', async () => {
    const { host, clock, database } = await open(90_000);
    expect(clock.now()).toBe(START_AT + 90_000);
    await host.advance(10_000);
    expect(clock.now()).toBe(START_AT + 100_000);
    expect(database.asked).toBe(3);
  });

  it('takes half of the way there and back for the way back', async () => {
    const { clock, host } = await open(60_000, 400);
    expect(clock.now() - host.now()).toBe(60_000);
  });

  it('is measured every 30 s, and goes by that', async () => {
    const { clock, host, database } = await open(1_000);
    database.at += 100;
    await host.advance(30_000);
    await host.untilSleeping();
    expect(database.asked).toBe(6);
    expect(clock.now() - host.now()).toBe(1_100);
  });

  it('goes on as it did where a longer way explains the difference', async () => {
    const { clock, host, database } = await open(0);
    Object.assign(database, { wayMs: 300, at: database.at + 100 });
    host.setWall(START_AT - 2_000);
    expect(clock.now()).toBe(START_AT);
    await host.untilSleeping();
    expect(database.asked).toBe(6);
    expect(clock.now()).toBe(START_AT + host.monotonicMs());
  });

  it('S10: is measured at once when the host’s clock is set, and does not jump with it', async () => {
    const { clock, host, database } = await open(0);
    host.setWall(START_AT + 7_200_000);
    expect(clock.now()).toBe(START_AT);
    await host.untilSleeping();
    expect(database.asked).toBe(6);
    expect(clock.now()).toBe(START_AT);
    expect(clock.readHealth()).toEqual({ offsetMs: -7_200_000, isTrusted: false });
  });

  it('S10: more than 5 s off the host is told once, and again when it comes back', async () => {
    const { host, errors, database, clock } = await open(5_000);
    expect(clock.readHealth()).toEqual({ offsetMs: 5_000, isTrusted: true });
    const step = async (ms: number): Promise<void> => {
      database.at += ms;
      await host.advance(30_000);
      await host.untilSleeping();
    };
    await step(1);
    await step(500);
    expect(errors).toEqual([expect.objectContaining({ code: 'server_clock_wrong' })]);
    await step(-501);
    expect(clock.readHealth().isTrusted).toBe(true);
    await step(60_000);
    expect(errors).toHaveLength(2);
  });

  it('goes on by what it knows while the database does not answer', async () => {
    const { host, database, clock } = await open(2_000);
    database.isAway = true;
    await host.advance(90_000);
    expect(clock.now() - host.now()).toBe(2_000);
    database.isAway = false;
    database.at += 1_000;
    await host.advance(30_000);
    await host.untilSleeping();
    expect(clock.now() - host.now()).toBe(3_000);
  });

  it('is none where the database does not answer at the start', async () => {
    const host = createFakeClock(START_AT);
    const readTime = () => Promise.reject(new Error('away'));
    await expect(openDatabaseClock({ host, readTime, onError: () => {} })).rejects.toThrow('away');
  });
});
