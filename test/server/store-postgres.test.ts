import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPostgresStore } from '../../src/adapters/store/postgres/open.ts';
import { Secret } from '../../src/core/secret.ts';
import { buildStoreUrl, startTestStores, type TestStores } from '../support/databases/postgres-stores.ts';
import { type JitServer, startJitServer } from '../support/programs/jit-server.ts';
import { openTcpGate } from '../support/tcp-gate.ts';
import { until } from '../support/until.ts';
import { openRevocationDesk } from '../support/verifying/revocation-desk.ts';

let stores: TestStores | undefined;

beforeAll(async () => {
  stores = await startTestStores('system');
});

afterAll(() => stores?.stop());

async function startReplica(url: string): Promise<JitServer> {
  return await startJitServer({
    config: {
      store: { kind: 'postgres', url: new Secret(url) },
      secret: new Secret('of both'.padEnd(32, '!')),
    },
  });
}

const ORDER = {
  scopes: ['prod:api.read'],
  target: 'orders-api',
  durationSeconds: 600,
  reason: 'INC-4211 the checkout is slow',
  ticket: null,
  extendsGrantId: null,
  breakGlass: false,
};

it('a server on PostgreSQL grants, delivers and takes away', async ({ skip }) => {
  if (!stores) return skip();
  await using server = await startReplica(buildStoreUrl(await stores.makeDatabase()));
  const { backend } = await server.logIn('dev');
  const { request, claimed } = await backend.submit({ ...ORDER, idempotencyKey: randomUUID() });
  expect(request.state).toBe('claimed');
  const grantId = claimed?.grant.id ?? '';
  expect((await backend.readStatus()).grants.map(({ id }) => id)).toEqual([grantId]);
  expect(await backend.revoke(grantId, 'done')).toMatchObject({
    state: 'ended',
    revocation: { confirmed: true },
  });
  expect(server.errors).toEqual([]);
});

it('S15: a replica that is cut off from PostgreSQL tells no service that nothing was revoked', async ({
  skip,
}) => {
  if (!stores) return skip();
  const address = await stores.makeDatabase();
  await using gate = await openTcpGate(address);
  await using opened = new AsyncDisposableStack();
  const near = await openPostgresStore({ address: { ...address, host: '127.0.0.1', port: gate.port } });
  opened.defer(near.close);
  const far = await openPostgresStore({ address });
  await using desk = await openRevocationDesk({ overrides: { store: far.store }, heardBy: near.store });
  const { id, tokenId } = await desk.hold();
  const reader = await desk.follow();
  await desk.broker.clock.untilSleeping();
  await gate.set('shut');
  await desk.revoke(id);
  await desk.broker.clock.advance(5_000);
  await reader.ended;
  await expect(reader.nextComment()).rejects.toThrow('the stream ended');
  await expect(desk.follow({ after: reader.lastId })).rejects.toThrow('does not reach its database');
  await gate.set('open');
  const again = await until('the store is there again', () =>
    desk.follow({ after: reader.lastId }).catch(() => undefined),
  );
  const [missed] = await again.take(1);
  expect([missed?.event, missed?.data.jti]).toEqual(['revoked', tokenId]);
  expect(desk.errors).toEqual([]);
});
