import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildExpiry, revoke } from '../../../src/broker/revocation/revoke.ts';
import { runWork } from '../../../src/broker/work/work.ts';
import type { Grant } from '../../../src/core/grant.ts';
import type { WorkKind } from '../../../src/core/ports/store.ts';
import { dev, openTestBroker, type TestBroker } from '../../support/broker.ts';
import { createScriptedConnector } from '../../support/fakes/scripted-connector.ts';
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

describe('the end of a grant', () => {
  it('S10: comes at its time and not before', async () => {
    await broker.clock.advance(599_999);
    expect(await broker.runDue()).toEqual([]);
    await broker.clock.advance(1);
    expect(await broker.runDue()).toEqual([`expire:${grant.id}`, `remove:${grant.id}`]);
    expect(await read()).toMatchObject({ state: 'ended', endedBecause: 'expired' });
    expect(broker.target.live.size).toBe(0);
    expect(await broker.store.findNextWorkAt()).toBeUndefined();
  });

  it('S10: is looked at again on waking: work that comes early, when the clock was set back, ends nothing', async () => {
    await broker.clock.advance(600_000);
    const [early] = await broker.store.takeWork({ now: broker.clock.now(), leaseMs: 1, limit: 9 });
    broker.clock.setWall(grant.expiresAt - 60_000);
    expect(early?.id).toBe(`expire:${grant.id}`);
    if (early) await runWork(broker, early);
    expect(await read()).toMatchObject({ state: 'active' });
    broker.clock.setWall(grant.expiresAt + 1);
    await broker.runDue();
    expect(await read()).toMatchObject({ state: 'ended' });
  });
});

describe('a target that became of another kind while grants lived there', () => {
  it('S5, I1: confirms nothing of what the kind before has made, until it is that kind again', async () => {
    const token = { ...createScriptedConnector(), keepsNothing: true as const, plan: (id: string) => id };
    const changed = { ...broker, connectors: new Map([['orders', token]]) };
    await revoke(changed, { asker: dev, grantId: grant.id, because: 'done' });
    const now = broker.clock.now();
    const [removal] = await broker.store.takeWork({ now, leaseMs: 1, limit: 9 });
    if (removal) await runWork(changed, removal);
    expect([await read(), token.calls]).toMatchObject([
      {
        state: 'revoking',
        revocation: { confirmed: false, lastError: expect.stringContaining('of another kind') },
      },
      [],
    ]);
    await broker.clock.advance(60_000);
    await broker.runDue();
    expect(await read()).toMatchObject({ state: 'ended', revocation: { confirmed: true } });
  });
});

describe('work that is done twice, or late', () => {
  it('of a kind that is not known here is not taken for a removal, and is there afterwards', async () => {
    const kind = 'of a later version' as WorkKind;
    const finished: string[] = [];
    const finishWork = async ({ id }: { readonly id: string }) => void finished.push(id);
    const watched = { ...broker, store: { ...broker.store, finishWork } };
    const work = { ...buildExpiry(grant), id: 'later:1', kind, leasedUntil: 1 };
    await runWork(watched, work);
    await revoke(broker, { asker: dev, grantId: grant.id, because: 'done' });
    await runWork(watched, work);
    expect([finished, broker.target.calls.filter((call) => call.startsWith('remove'))]).toEqual([[], []]);
  });

  it('S4: ends the grant once, though two servers took the same removal', async () => {
    await revoke(broker, { asker: dev, grantId: grant.id, because: 'done' });
    broker.target.before('remove', async () => {
      await broker.clock.advance(30_000);
      await broker.runDue();
    });
    await broker.runDue();
    const kinds = (await broker.store.listEvents({ grantId: grant.id, limit: 99 })).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'grant.ended')).toHaveLength(1);
  });

  it('S4: ends it although another try failed and was recorded meanwhile', async () => {
    await revoke(broker, { asker: dev, grantId: grant.id, because: 'done' });
    broker.target.before('remove', async () => {
      await broker.clock.advance(30_000);
      broker.target.failAt('remove', 'connection refused');
      await broker.runDue();
      broker.target.failAt('remove', undefined);
    });
    await broker.runDue();
    expect(await read()).toMatchObject({ state: 'ended', revocation: { attempts: 1, confirmed: true } });
  });

  it('to let a request lapse that was claimed meanwhile does nothing', async () => {
    const second = await broker.ask({ scopes: ['prod:db.write'] });
    const taken = await broker.store.takeWork({ now: second.claimBy ?? 0, leaseMs: 60_000, limit: 9 });
    const lapse = taken.find((work) => work.kind === 'lapse');
    await broker.claim(dev, second.id);
    expect(lapse?.id).toBe(`lapse:${second.id}`);
    if (lapse) await runWork(broker, lapse);
    expect(await broker.store.readRequest(second.id)).toMatchObject({ state: 'claimed' });
  });

  it('a request that moved while it lapsed lapses all the same', async () => {
    const second = await broker.ask({ scopes: ['prod:db.write'] });
    broker.target.failAt('issue', 'connection refused');
    const stale = broker.store.readRequest;
    const seen = await stale(second.id);
    await expect(broker.claim(dev, second.id)).rejects.toMatchObject({ code: 'target_failed' });
    await broker.clock.advance(900_000);
    let reads = 0;
    Object.assign(broker.store, {
      readRequest: async (id: string) => {
        reads += 1;
        return reads === 1 ? seen : stale(id);
      },
    });
    await broker.runDue();
    expect(await stale(second.id)).toMatchObject({ state: 'lapsed' });
  });
});
