import { afterAll, expect, it } from 'vitest';
import { createSystemClock } from '../../../src/adapters/clock.ts';
import { defineConnectorKind } from '../../../src/core/config/connector-kind.ts';
import { defaultServerConfig } from '../../../src/core/config/default.ts';
import { Secret } from '../../../src/core/secret.ts';
import { reconcileOnce } from '../../../src/server/compose/reconcile-once.ts';
import { buildStoreUrl, startTestStores } from '../../support/databases/postgres-stores.ts';
import { createScriptedConnector } from '../../support/fakes/scripted-connector.ts';
import { FAULT_SECRET } from '../../support/faults/config.ts';

const stores = await startTestStores('embedded');

afterAll(() => stores?.stop());

it.skipIf(!stores)('S4: compares beside servers that have the same PostgreSQL store open', async () => {
  if (!stores) return;
  const url = new Secret(buildStoreUrl(await stores.makeDatabase()));
  const scripted = createScriptedConnector('orders');
  scripted.live.set('role_stray', { password: 'x', expiresAt: 0 });
  const kind = defineConnectorKind({ kind: 'scripted', entries: {}, open: () => scripted });
  const audience = 'https://orders.example.com';
  const config = {
    ...defaultServerConfig({ dataFolder: '/nowhere', timeZone: 'UTC' }),
    store: { kind: 'postgres' as const, url },
    secret: new Secret(FAULT_SECRET),
    targets: [{ name: 'orders', kind: 'scripted', audience, settings: {} }],
  };
  const errors: unknown[] = [];
  const look = (apply: boolean) =>
    reconcileOnce({
      config,
      kinds: [kind],
      clock: createSystemClock(),
      apply,
      onError: (error) => errors.push(error),
    });
  const stray = { target: 'orders', handle: 'role_stray', sessions: 0, grantId: null };
  const [one, other] = await Promise.all([look(false), look(false)]);
  expect(one).toEqual(other);
  expect(one).toMatchObject({ isApplied: false, strays: [{ ...stray, isRemoved: false }], failures: [] });
  expect(await look(true)).toMatchObject({ isApplied: true, strays: [{ ...stray, isRemoved: true }] });
  expect(scripted.live.size).toBe(0);
  expect(errors).toEqual([]);
});
