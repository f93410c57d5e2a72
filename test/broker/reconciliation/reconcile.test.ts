import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeFailure, reconcile } from '../../../src/broker/reconciliation/reconcile.ts';
import { revoke } from '../../../src/broker/revocation/revoke.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { dev, openTestBroker, type TestBroker } from '../../support/broker.ts';
import { createScriptedConnector } from '../../support/fakes/scripted-connector.ts';

let broker: TestBroker;

beforeEach(async () => {
  broker = await openTestBroker();
});

afterEach(() => broker.store.close());

function leave(...handles: readonly string[]): void {
  for (const handle of handles) broker.target.live.set(handle, { password: 'x', expiresAt: 0 });
}

const apply = { apply: true };
const WHOLE = { strays: [], removed: [], missing: [], failures: [] };

describe('the reconciler', () => {
  it('S4, I1: removes what is live at the target and belongs to no grant, and says so', async () => {
    const { grant } = await broker.claim(dev, (await broker.ask()).id);
    leave('role_stray');
    const stray = { target: 'orders', handle: 'role_stray', sessions: 0, grantId: null };
    expect(await reconcile(broker, apply)).toEqual({
      ...WHOLE,
      live: { orders: 2 },
      strays: [stray],
      removed: [stray],
    });
    expect([...broker.target.live.keys()]).toEqual([grant.handle]);
    expect(await reconcile(broker, apply)).toEqual({ ...WHOLE, live: { orders: 1 } });
  });

  it('leaves alone what another target’s grant has, where two targets are one server', async () => {
    const { grant } = await broker.claim(dev, (await broker.ask()).id);
    leave('role_stray');
    const connectors = new Map([['billing', broker.target], ...broker.connectors]);
    const { removed, live } = await reconcile({ ...broker, connectors }, apply);
    expect(live).toEqual({ orders: 2, billing: 2 });
    expect(new Set(removed.map(({ handle }) => handle))).toEqual(new Set(['role_stray']));
    expect([...broker.target.live.keys()]).toEqual([grant.handle]);
  });

  it('I4: puts every stray that it removed on record, with the grant that it was made for', async () => {
    const { grant } = await broker.claim(dev, (await broker.ask()).id);
    await revoke(broker, { asker: dev, grantId: grant.id, because: 'done' });
    await broker.runDue();
    leave(grant.handle ?? '', 'role_unknown');
    await reconcile(broker, apply);
    const events = await broker.store.listEvents({ limit: 99 });
    const removals = events.filter(({ kind }) => kind === 'credential.stray_removed');
    removals.sort((left, right) => Number(left.grantId === null) - Number(right.grantId === null));
    expect(removals).toMatchObject([
      { actor: 'system', grantId: grant.id, detail: { target: 'orders', handle: grant.handle } },
      { actor: 'system', grantId: null, detail: { target: 'orders', handle: 'role_unknown' } },
    ]);
  });

  it('I1: looks for the grant of a stray alone, not through all that have ever ended at its target', async () => {
    leave('role_stray');
    const listed: unknown[] = [];
    const listGrants: Store['listGrants'] = (filter) => {
      listed.push(filter.states);
      return broker.store.listGrants(filter);
    };
    const { removed } = await reconcile({ ...broker, store: { ...broker.store, listGrants } }, apply);
    expect(removed).toHaveLength(1);
    expect(new Set(listed.flat())).toEqual(new Set(['provisioning', 'active', 'revoking']));
  });

  it('I4: of replicas that find one stray at once, one puts it on record', async () => {
    leave('role_a', 'role_b');
    const rounds = await Promise.all([1, 2, 3].map(() => reconcile(broker, apply)));
    expect(rounds.flatMap(({ failures }) => failures)).toEqual([]);
    const removed = rounds.flatMap((round) => round.removed.map(({ handle }) => handle));
    expect(removed.sort()).toEqual(['role_a', 'role_b']);
    const events = await broker.store.listEvents({ limit: 99 });
    expect(events.map(({ detail }) => detail.handle).sort()).toEqual(['role_a', 'role_b']);
  });

  it('I4: a stray that was removed by one who died is on record after the next look, and only then', async () => {
    leave('role_stray');
    const dying = { ...broker.store, commit: () => Promise.reject(new Error('killed')) };
    const { failures } = await reconcile({ ...broker, store: dying }, apply);
    expect(failures).toMatchObject([{ handle: 'role_stray' }]);
    expect(broker.target.live.size).toBe(0);
    expect(await reconcile(broker, { apply: false })).toEqual({ ...WHOLE, live: { orders: 0 } });
    const gone = { target: 'orders', handle: 'role_stray', sessions: 0, grantId: null };
    expect(await reconcile(broker, apply)).toEqual({
      ...WHOLE,
      live: { orders: 0 },
      strays: [gone],
      removed: [gone],
    });
    expect(await reconcile(broker, apply)).toEqual({ ...WHOLE, live: { orders: 0 } });
    const events = await broker.store.listEvents({ limit: 99 });
    expect(events.map(({ kind }) => kind)).toEqual(['credential.stray_removed']);
  });

  it('S4: as a dry run shows the same strays and changes nothing', async () => {
    leave('role_stray');
    const dry = await reconcile(broker, { apply: false });
    expect(dry.strays).toMatchObject([{ handle: 'role_stray' }]);
    expect(dry.removed).toEqual([]);
    expect([...broker.target.live.keys()]).toEqual(['role_stray']);
    expect(await broker.store.listEvents({ limit: 99 })).toEqual([]);
  });

  it('removes nothing where the store was brought back from a copy while it looked', async () => {
    leave('role_of_somebody');
    const looked: number[] = [];
    const isHeld = async () => looked.push(broker.target.live.size) > 0;
    const found = await reconcile({ ...broker, isHeld }, apply);
    expect([found.strays.length, found.removed, looked]).toEqual([1, [], [1]]);
    expect([...broker.target.live.keys()]).toEqual(['role_of_somebody']);
  });

  it('S4: shows a grant whose credential is not there, and leaves it to its holder, whose claim makes it again', async () => {
    const { request, grant } = await broker.claim(dev, (await broker.ask()).id);
    broker.target.live.clear();
    const missing = [{ target: 'orders', handle: grant.handle, grantId: grant.id }];
    expect(await reconcile(broker, apply)).toEqual({ ...WHOLE, live: { orders: 0 }, missing });
    await broker.claim(dev, request.id);
    expect(await reconcile(broker, apply)).toEqual({ ...WHOLE, live: { orders: 1 } });
  });

  it('S4: does not miss what is made between its two looks, nor what is taken away, nor where nothing is ever kept', async () => {
    broker.target.before('list', async () => {
      const handles = [...broker.target.live.keys()];
      broker.target.before('list', () => leave(...handles));
      broker.target.live.clear();
    });
    const { grant } = await broker.claim(dev, (await broker.ask()).id);
    expect((await reconcile(broker, apply)).missing).toEqual([]);
    broker.target.live.clear();
    broker.target.before('list', () =>
      broker.target.before('list', () => revoke(broker, { asker: dev, grantId: grant.id, because: 'done' })),
    );
    expect((await reconcile(broker, apply)).missing).toEqual([]);
    await broker.claim(dev, (await broker.ask({ scopes: ['prod:db.write'] })).id);
    broker.target.live.clear();
    const connectors = new Map([['orders', { ...broker.target, keepsNothing: true as const }]]);
    expect((await reconcile({ ...broker, connectors }, apply)).missing).toEqual([]);
  });

  it('S4: leaves what was begun and never finished to its claim: neither a stray nor missing', async () => {
    const request = await broker.ask();
    broker.target.before('probe', () => new Promise(() => {}));
    void broker.claim(dev, request.id);
    await expect.poll(() => broker.target.live.size).toBe(1);
    expect(await reconcile(broker, apply)).toEqual({ ...WHOLE, live: { orders: 1 } });
  });

  it('S4: leaves alone what is being made: it lists the target before it reads the grants', async () => {
    const request = await broker.ask();
    let during: unknown;
    broker.target.before('probe', async () => {
      during = await reconcile(broker, apply);
    });
    await broker.claim(dev, request.id);
    expect(during).toMatchObject(WHOLE);
    broker.target.before('list', async () => {
      await broker.claim(dev, (await broker.ask({ scopes: ['prod:db.write'] })).id);
    });
    expect(await reconcile(broker, apply)).toMatchObject(WHOLE);
    expect(broker.target.live.size).toBe(2);
  });

  it('S4: leaves what is being revoked to the worker', async () => {
    const { grant } = await broker.claim(dev, (await broker.ask()).id);
    await revoke(broker, { asker: dev, grantId: grant.id, because: 'done' });
    expect(await reconcile(broker, apply)).toMatchObject(WHOLE);
    expect(broker.target.live.size).toBe(1);
  });

  it('S6: tells the connector whose scopes a stray had, or all of the target, so that what it owns has an heir', async () => {
    const { grant } = await broker.claim(dev, (await broker.ask()).id);
    await revoke(broker, { asker: dev, grantId: grant.id, because: 'done' });
    await broker.runDue();
    leave(grant.handle ?? '', 'role_unknown');
    const seen = new Map<string, readonly string[]>();
    const remove = broker.target.remove;
    Object.assign(broker.target, {
      remove: (handle: string, options: Parameters<typeof remove>[1]) => {
        seen.set(handle, options.scopes);
        return remove(handle, options);
      },
    });
    await reconcile(broker, apply);
    expect(Object.fromEntries(seen)).toEqual({
      [grant.handle ?? '']: ['prod:db.read'],
      role_unknown: ['prod:db.read', 'prod:db.write'],
    });
  });

  it('I1: one target that fails, or one stray, hides neither itself nor the others', async () => {
    const dead = createScriptedConnector('billing');
    dead.failAt('list', 'connection refused');
    const connectors = new Map([...broker.connectors, ['billing', dead]]);
    leave('role_a', 'role_b');
    broker.target.before('remove', () => Promise.reject(new Error('somebody is in it')));
    const first = await reconcile({ ...broker, connectors }, apply);
    expect(first.strays).toHaveLength(2);
    expect(first.removed).toMatchObject([{ target: 'orders', handle: 'role_b' }]);
    expect(first.failures.map(describeFailure)).toEqual([
      'somebody is in it',
      expect.stringContaining('connection refused'),
    ]);
    expect(first.failures).toMatchObject([{ handle: 'role_a' }, { target: 'billing', handle: null }]);
    expect((await reconcile({ ...broker, connectors }, apply)).removed).toHaveLength(1);
  });
});
