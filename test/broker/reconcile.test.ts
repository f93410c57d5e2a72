import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reconcile } from '../../src/broker/reconcile.ts';
import { revoke } from '../../src/broker/revoke.ts';
import { dev, openTestBroker, type TestBroker } from '../support/broker.ts';
import { createScriptedConnector } from '../support/scripted-connector.ts';

let broker: TestBroker;

beforeEach(async () => {
  broker = await openTestBroker();
});

afterEach(() => broker.store.close());

function leave(...handles: readonly string[]): void {
  for (const handle of handles) broker.target.live.set(handle, { password: 'x', expiresAt: 0 });
}

describe('the reconciler', () => {
  it('S4, I1: removes what is live at the target and belongs to no grant, and says so', async () => {
    const { grant } = await broker.claim(dev, (await broker.ask()).id);
    leave('role_stray');
    expect(await reconcile(broker)).toEqual({
      strays: [{ target: 'orders', handle: 'role_stray' }],
      failures: [],
    });
    expect([...broker.target.live.keys()]).toEqual([grant.handle]);
    expect(await reconcile(broker)).toEqual({ strays: [], failures: [] });
  });

  it('S4: leaves alone what is being made: it lists the target before it reads the grants', async () => {
    const request = await broker.ask();
    let during: unknown;
    broker.target.before('probe', async () => {
      during = await reconcile(broker);
    });
    await broker.claim(dev, request.id);
    expect(during).toEqual({ strays: [], failures: [] });
    broker.target.before('list', async () => {
      await broker.claim(dev, (await broker.ask({ scopes: ['prod:db.write'] })).id);
    });
    expect(await reconcile(broker)).toEqual({ strays: [], failures: [] });
    expect(broker.target.live.size).toBe(2);
  });

  it('S4: leaves what is being revoked to the worker', async () => {
    const { grant } = await broker.claim(dev, (await broker.ask()).id);
    await revoke(broker, { asker: dev, grantId: grant.id, because: 'done' });
    expect(await reconcile(broker)).toEqual({ strays: [], failures: [] });
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
    await reconcile(broker);
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
    const first = await reconcile({ ...broker, connectors });
    expect(first.strays).toEqual([{ target: 'orders', handle: 'role_b' }]);
    expect(first.failures.map(String)).toEqual([
      expect.stringContaining('somebody is in it'),
      expect.stringContaining('connection refused'),
    ]);
    expect((await reconcile({ ...broker, connectors })).strays).toHaveLength(1);
  });
});
