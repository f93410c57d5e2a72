import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordOwnUse } from '../../../src/broker/revocation/idle.ts';
import { SAMPLE_CATALOGUE } from '../../../src/core/config/default.ts';
import { NO_OBLIGATIONS } from '../../../src/core/decision.ts';
import { fail } from '../../../src/core/errors.ts';
import type { Grant } from '../../../src/core/grant.ts';
import type { Instant } from '../../../src/core/time.ts';
import { dev, lead, openTestBroker, type TestBroker } from '../../support/broker.ts';
import { findViolations } from '../../support/faults/invariants.ts';

const IDLE_MS = 60_000;

let broker: TestBroker;
/** When the target saw it last; an error: it cannot be asked. */
let seen: Instant | null | 'away';
let looks: number;

beforeEach(async () => {
  const scopes = SAMPLE_CATALOGUE.scopes.map((scope) =>
    scope.name === 'prod:db.write' ? { ...scope, idleSeconds: 300 } : scope,
  );
  broker = await openTestBroker({ catalogue: { ...SAMPLE_CATALOGUE, scopes } });
  broker.policy.obligations = { ...NO_OBLIGATIONS, idleSeconds: IDLE_MS / 1000 };
  seen = null;
  looks = 0;
  Object.assign(broker.target, {
    activity: async () => {
      looks += 1;
      if (seen === 'away') throw fail('target_failed', { target: 'orders', why: 'connection refused' });
      return seen;
    },
  });
});

afterEach(async () => {
  const { store, clock, connectors } = broker;
  expect(await findViolations({ store, connectors, now: clock.now() })).toEqual([]);
  await store.close();
});

const hold = async (scopes = ['prod:db.read']): Promise<Grant> =>
  (await broker.claim(dev, (await broker.ask({ scopes })).id)).grant;

async function pass(ms: number): Promise<void> {
  await broker.clock.advance(ms);
  await broker.runDue();
}

const read = (grant: Grant) => broker.store.readGrant(grant.id);

describe('a grant that may not be idle', () => {
  it('ends when nobody used it for so long, and not a millisecond before', async () => {
    const grant = await hold();
    await pass(IDLE_MS - 1);
    expect(await read(grant)).toMatchObject({ state: 'active', idleSeconds: 60 });
    await pass(1);
    expect(await read(grant)).toMatchObject({ state: 'ended', endedBecause: 'idle', lastUsedAt: null });
    expect(broker.target.live.size).toBe(0);
    expect(await broker.store.findNextWorkAt()).toBeUndefined();
  });

  it('goes on for as long again after each use that was recorded: an introspection, a certificate', async () => {
    const grant = await hold();
    await broker.clock.advance(IDLE_MS - 1);
    await broker.store.recordUse(grant.id, broker.clock.now());
    await pass(1);
    await pass(IDLE_MS - 2);
    expect(await read(grant)).toMatchObject({ state: 'active' });
    await pass(1);
    expect(await read(grant)).toMatchObject({ state: 'ended', endedBecause: 'idle' });
  });

  it('goes on where its target saw it used, and that is when it was used', async () => {
    const grant = await hold();
    seen = broker.clock.now() + 40_000;
    await pass(IDLE_MS);
    expect(await read(grant)).toMatchObject({ state: 'active', lastUsedAt: seen });
    await pass(39_999);
    expect(await read(grant)).toMatchObject({ state: 'active' });
    await pass(1);
    expect(await read(grant)).toMatchObject({ state: 'ended', endedBecause: 'idle' });
  });

  it('goes on where its target saw a session that has ended since', async () => {
    const grant = await hold();
    await broker.clock.advance(20_000);
    seen = broker.clock.now();
    await pass(1_000);
    seen = null;
    await pass(IDLE_MS - 1_001);
    expect(await read(grant)).toMatchObject({ state: 'active' });
    await pass(1);
    expect(await read(grant)).toMatchObject({ state: 'ended', endedBecause: 'idle' });
  });

  it('is looked at four times in its idle time, and each minute at least', async () => {
    const grant = await hold(['prod:db.write']);
    for (let at = 0; at < IDLE_MS; at += 1_000) await pass(1_000);
    expect(looks).toBe(4);
    expect(await read(grant)).toMatchObject({ state: 'ended', endedBecause: 'idle' });
    broker.policy.obligations = { ...NO_OBLIGATIONS, idleSeconds: 3600 };
    looks = 0;
    await hold();
    for (let at = 0; at < 590_000; at += 1_000) await pass(1_000);
    expect(looks).toBe(9);
  });

  it('is not used in the future, whatever the clock of its target says', async () => {
    const grant = await hold();
    seen = broker.clock.now() + 3_600_000;
    await pass(IDLE_MS);
    expect(await read(grant)).toMatchObject({ state: 'active', lastUsedAt: broker.clock.now() });
  });

  it('S15: is given as long again where its target cannot be asked, and then ends', async () => {
    const grant = await hold();
    seen = 'away';
    await pass(IDLE_MS);
    expect(await read(grant)).toMatchObject({ state: 'active' });
    await pass(IDLE_MS - 1);
    expect(await read(grant)).toMatchObject({ state: 'active' });
    await pass(1);
    expect(await read(grant)).toMatchObject({ state: 'ended', endedBecause: 'idle' });
  });

  it('ends at its time where that comes first', async () => {
    const grant = await hold();
    for (let at = 0; at < 590_000; at += 50_000) {
      await broker.store.recordUse(grant.id, broker.clock.now());
      await pass(50_000);
    }
    expect(await read(grant)).toMatchObject({ state: 'ended', endedBecause: 'expired' });
    expect(await broker.store.findNextWorkAt()).toBeUndefined();
  });

  it('is as idle as the strictest of its rules and scopes lets it be', async () => {
    expect((await hold(['prod:db.write'])).idleSeconds).toBe(60);
    broker.policy.obligations = NO_OBLIGATIONS;
    expect((await hold(['prod:db.read', 'prod:db.write'])).idleSeconds).toBe(300);
    expect(await hold(['prod:db.read'])).not.toHaveProperty('idleSeconds');
  });

  it('counts asking for more time as use', async () => {
    const grant = await hold();
    await broker.clock.advance(IDLE_MS - 1);
    const more = await broker.ask({ extendsGrantId: grant.id, durationSeconds: 1200 });
    await broker.claim(dev, more.id);
    await pass(1);
    expect(await read(grant)).toMatchObject({ state: 'active' });
  });
});

describe('the use that its holder tells of', () => {
  it('keeps it, and is the holder’s alone to tell', async () => {
    const grant = await hold();
    for (let beat = 0; beat < 6; beat += 1) {
      await pass(20_000);
      await recordOwnUse(broker, dev, grant.id);
    }
    expect(await read(grant)).toMatchObject({ state: 'active', lastUsedAt: broker.clock.now() });
    await expect(recordOwnUse(broker, lead, grant.id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(recordOwnUse(broker, dev, 'gr_none')).rejects.toMatchObject({ code: 'not_found' });
    await pass(IDLE_MS);
    await expect(recordOwnUse(broker, dev, grant.id)).rejects.toMatchObject({ code: 'no_grant' });
  });

  it('is not written down each time, nor is that of a grant that may be idle', async () => {
    const writes: number[] = [];
    const { recordUse } = broker.store;
    Object.assign(broker.store, {
      recordUse: (id: string, at: Instant) => {
        writes.push(at);
        return recordUse(id, at);
      },
    });
    const grant = await hold();
    for (let beat = 0; beat < 7; beat += 1) {
      await recordOwnUse(broker, dev, grant.id);
      await broker.clock.advance(1000);
    }
    expect(writes).toHaveLength(2);
    broker.policy.obligations = NO_OBLIGATIONS;
    const { grant: other } = await broker.claim(lead, (await broker.ask({}, lead)).id);
    for (let beat = 0; beat < 3; beat += 1) {
      await recordOwnUse(broker, lead, other.id);
      await broker.clock.advance(30_000);
    }
    expect(writes).toHaveLength(4);
    expect(await read(other)).toMatchObject({ lastUsedAt: broker.clock.now() - 30_000, state: 'active' });
  });

  it('does not stand for a certificate that nobody signed, where those are good for a while', async () => {
    broker.policy.obligations = NO_OBLIGATIONS;
    Object.assign(broker.target, { certificates: { lifetimeMs: 120_000 } });
    const { grant } = await broker.claim(lead, (await broker.ask({}, lead)).id);
    expect(await recordOwnUse(broker, lead, grant.id)).toEqual(grant);
    expect(await read(grant)).toMatchObject({ lastUsedAt: null });
  });
});
