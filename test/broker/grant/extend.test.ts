import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { revoke } from '../../../src/broker/revocation/revoke.ts';
import { runWork } from '../../../src/broker/work/work.ts';
import type { Grant } from '../../../src/core/grant.ts';
import type { Transition } from '../../../src/core/ports/store.ts';
import { dev, openTestBroker, type TestBroker } from '../../support/broker.ts';
import { findViolations } from '../../support/faults/invariants.ts';

let broker: TestBroker;
let grant: Grant;

beforeEach(async () => {
  broker = await openTestBroker();
  grant = (await broker.claim(dev, (await broker.ask()).id)).grant;
});

afterEach(async () => {
  await broker.runDue();
  const { store, clock, connectors } = broker;
  expect(await findViolations({ store, connectors, now: clock.now() })).toEqual([]);
  await store.close();
});

async function extend(durationSeconds: number) {
  const request = await broker.ask({ extendsGrantId: grant.id, durationSeconds });
  return broker.claim(dev, request.id);
}

describe('extending', () => {
  it('moves the end of the same grant, with the same credential and token id, at the target as well', async () => {
    await broker.clock.advance(300_000);
    const delivery = await extend(1800);
    const expiresAt = broker.clock.now() + 1_800_000;
    expect(delivery).toMatchObject({
      request: { state: 'claimed', grantId: grant.id },
      grant: { id: grant.id, tokenId: grant.tokenId, expiresAt },
      credential: null,
    });
    expect(delivery.token.reveal()).toContain(String(expiresAt));
    expect(broker.target.live.get(grant.handle ?? '')).toMatchObject({ password: 'password 1', expiresAt });
    expect(await broker.store.readGrant(grant.id)).toEqual(delivery.grant);
  });

  it('moves the work that ends it: nothing happens at the old end, all of it at the new one', async () => {
    await extend(1800);
    await broker.clock.advance(600_000);
    expect(await broker.runDue()).toEqual([]);
    expect(await broker.store.readGrant(grant.id)).toMatchObject({ state: 'active' });
    await broker.clock.advance(1_200_000);
    await broker.runDue();
    expect(await broker.store.readGrant(grant.id)).toMatchObject({ state: 'ended', endedBecause: 'expired' });
    expect(broker.target.live.size).toBe(0);
  });

  it('never makes it shorter, and never goes past the first claim and the maximum', async () => {
    expect((await extend(60)).grant.expiresAt).toBe(grant.expiresAt);
    for (let round = 0; round < 3; round += 1) {
      await broker.clock.advance(500_000);
      const { grant: longer } = await extend(14_400);
      expect(longer.expiresAt).toBe(grant.latestEndAt);
    }
  });

  it('tells the target first: when that fails, the grant promises nothing and the request can be claimed again', async () => {
    broker.target.failAt('extend', 'connection refused');
    await expect(extend(1800)).rejects.toMatchObject({ code: 'target_failed' });
    expect(await broker.store.readGrant(grant.id)).toEqual(grant);
    broker.target.failAt('extend', undefined);
    await expect(extend(1800)).resolves.toMatchObject({ request: { state: 'claimed' } });
  });

  it('of a grant that is given back meanwhile is no_grant, and brings nothing back', async () => {
    broker.target.before('extend', async () => {
      await revoke(broker, { asker: dev, grantId: grant.id, because: 'done' });
    });
    await expect(extend(1800)).rejects.toMatchObject({ code: 'no_grant' });
    await broker.runDue();
    expect(broker.target.live.size).toBe(0);
  });

  it('is repeatable: the claim of it delivers the token again, on record, and changes nothing else', async () => {
    const first = await extend(1800);
    const again = await broker.claim(dev, first.request.id);
    const grantAfter = { ...first.grant, version: first.grant.version + 1 };
    expect(again).toMatchObject({ grant: grantAfter, credential: null });
    const events = await broker.store.listEvents({ grantId: grant.id, limit: 99 });
    expect(events.filter(({ kind }) => kind === 'grant.redelivered')).toMatchObject([
      { requestId: first.request.id, detail: { token_only: true } },
    ]);
  });

  it('that is on record by then is not undone by the end of the old time, whatever ended first', async () => {
    await broker.clock.advance(grant.expiresAt - broker.clock.now() - 100);
    const request = await broker.ask({ extendsGrantId: grant.id, durationSeconds: 1200 });
    const atTarget = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    broker.target.before('extend', () => {
      atTarget.resolve();
      return goOn.promise;
    });
    const extending = broker.claim(dev, request.id);
    await atTarget.promise;
    await broker.clock.advance(200);
    // Between the look of what ends it and its commit, the extension is committed.
    const { commit } = broker.store;
    const store = {
      ...broker.store,
      commit: async (transition: Transition) => {
        if (transition.event.kind === 'grant.revoking') {
          goOn.resolve();
          await extending;
        }
        return commit(transition);
      },
    };
    const [work] = await broker.store.takeWork({ now: broker.clock.now(), leaseMs: 30_000, limit: 1 });
    expect(work).toMatchObject({ kind: 'expire', grantId: grant.id });
    if (work) await runWork({ ...broker, store }, work);
    expect(await broker.store.readGrant(grant.id)).toMatchObject({ state: 'active', endedBecause: null });
    await broker.clock.advance(1_200_000);
    await broker.runDue();
    expect(await broker.store.readGrant(grant.id)).toMatchObject({ state: 'ended', endedBecause: 'expired' });
  });

  it('32 times at once is one extension', async () => {
    const deliveries = await Promise.all(Array.from({ length: 32 }, () => extend(1800)));
    expect(new Set(deliveries.map(({ request }) => request.id)).size).toBe(1);
    const events = await broker.store.listEvents({ grantId: grant.id, limit: 99 });
    expect(events.filter((event) => event.kind === 'grant.extended')).toHaveLength(1);
  });

  it('while the password is made anew: both hold, at the target too', async () => {
    const extension = await broker.ask({ extendsGrantId: grant.id, durationSeconds: 1800 });
    broker.target.before('issue', () => broker.claim(dev, extension.id));
    const delivery = await broker.claim(dev, grant.requestId);
    const expiresAt = broker.clock.now() + 1_800_000;
    expect(delivery.grant).toMatchObject({ expiresAt });
    expect(broker.target.live.get(grant.handle ?? '')).toMatchObject({
      password: delivery.credential?.secretEnvironment.PGPASSWORD?.reveal(),
      expiresAt,
    });
  });
});
