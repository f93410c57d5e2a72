import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { revoke } from '../../../src/broker/revocation/revoke.ts';
import type { Grant } from '../../../src/core/grant.ts';
import { dev, openTestBroker, type TestBroker } from '../../support/broker.ts';
import { findViolations } from '../../support/faults/invariants.ts';

let broker: TestBroker;
let grant: Grant;

beforeEach(async () => {
  broker = await openTestBroker();
  grant = (await broker.claim(dev, (await broker.ask()).id)).grant;
});

afterEach(async () => {
  const { store, clock, connectors } = broker;
  expect(await findViolations({ store, connectors, now: clock.now() })).toEqual([]);
  await store.close();
});

function read(): Promise<Grant | undefined> {
  return broker.store.readGrant(grant.id);
}

describe('a removal that fails', () => {
  beforeEach(async () => {
    broker.target.failAt('remove', 'connection refused');
    await revoke(broker, { asker: dev, grantId: grant.id, because: 'done' });
    await broker.runDue();
  });

  it('S5: is a state that everyone sees, with the last error, and is tried for ever, less and less often', async () => {
    expect(await read()).toMatchObject({
      state: 'revoking',
      revocation: { attempts: 1, lastError: expect.stringContaining('connection refused'), confirmed: false },
    });
    const waits: number[] = [];
    let triedAt = broker.clock.now();
    for (let attempt = 2; attempt <= 40; ) {
      const nextAt = (await broker.store.findNextWorkAt()) ?? 0;
      await broker.clock.advance(nextAt - broker.clock.now());
      const done = await broker.runDue();
      if (!done.includes(`remove:${grant.id}`)) continue;
      waits.push((broker.clock.now() - triedAt) / 1000);
      triedAt = broker.clock.now();
      expect((await read())?.revocation.attempts).toBe(attempt);
      attempt += 1;
    }
    for (const [index, least] of [1, 2, 4, 8, 16, 32, ...Array<number>(33).fill(60)].entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(least);
      expect(waits[index]).toBeLessThanOrEqual(least * 1.25);
    }
  });

  it('S5: is on record when it first fails, when it fails for another reason, and then each hour; every try is counted', async () => {
    const tryFor = async (untilMs: number) => {
      const untilAt = broker.clock.now() + untilMs;
      while (broker.clock.now() < untilAt) {
        await broker.clock.advance(15_000);
        await broker.runDue();
      }
    };
    const listFailures = async () =>
      (await broker.store.listEvents({ grantId: grant.id, limit: 9_999 })).filter(
        ({ kind }) => kind === 'grant.revocation_failed',
      );
    await tryFor(3.2 * 3_600_000);
    expect(await listFailures()).toHaveLength(4);
    const attempts = (await read())?.revocation.attempts ?? 0;
    expect(attempts).toBeGreaterThan(140);
    broker.target.failAt('remove', 'permission denied');
    await tryFor(600_000 + 75_000);
    const failures = await listFailures();
    expect(failures).toHaveLength(5);
    expect(failures.at(-1)?.detail).toMatchObject({ why: expect.stringContaining('permission denied') });
    expect((await read())?.revocation).toMatchObject({
      lastError: expect.stringContaining('permission denied'),
    });
    expect((await read())?.revocation.attempts).toBeGreaterThan(attempts + 8);
  });

  it('S5: whose reason is another one each time is seen by everyone at once, and on record every ten minutes', async () => {
    for (let number = 0; number < 240; number += 1) {
      broker.target.failAt('remove', `connection reset by 127.0.0.1:${number}`);
      await broker.clock.advance(15_000);
      const tried = (await broker.runDue()).includes(`remove:${grant.id}`);
      if (tried) expect((await read())?.revocation.lastError).toContain(`127.0.0.1:${number}`);
    }
    const events = await broker.store.listEvents({ grantId: grant.id, limit: 9_999 });
    const failures = events.filter(({ kind }) => kind === 'grant.revocation_failed');
    expect(failures.length).toBeGreaterThanOrEqual(6);
    expect(failures.length).toBeLessThanOrEqual(8);
  });

  it('S5: ends as soon as the target is back, and forgets the error', async () => {
    broker.target.failAt('remove', undefined);
    await broker.clock.advance(1250);
    await broker.runDue();
    expect(await read()).toMatchObject({
      state: 'ended',
      endedBecause: 'done',
      revocation: { attempts: 1, lastError: null, confirmed: true, sessionsEnded: 1 },
    });
  });

  it('S5: what is gone already is success', async () => {
    broker.target.failAt('remove', undefined);
    broker.target.live.clear();
    await broker.clock.advance(1250);
    await broker.runDue();
    expect(await read()).toMatchObject({ state: 'ended', revocation: { sessionsEnded: 0, confirmed: true } });
  });
});
