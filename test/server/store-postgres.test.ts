import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { type JitServer, startJitServer } from '../support/jit-server.ts';
import { buildStoreUrl, startTestStores, type TestStores } from '../support/postgres-stores.ts';

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
