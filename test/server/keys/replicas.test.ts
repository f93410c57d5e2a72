import { randomUUID } from 'node:crypto';
import { decodeProtectedHeader } from 'jose';
import { afterAll, expect, it } from 'vitest';
import { createIds } from '../../../src/adapters/ids.ts';
import { openPostgresStore } from '../../../src/adapters/store/postgres/open.ts';
import type { PostgresAddress } from '../../../src/adapters/store/postgres/pool.ts';
import { Secret } from '../../../src/core/secret.ts';
import { KEY_USES } from '../../../src/core/server-keys.ts';
import { listKeys, type RotationParts, rotateKeys } from '../../../src/server/keys/rotate.ts';
import { createVerifier } from '../../../src/verify.ts';
import { realClock } from '../../support/databases/postgres.ts';
import { buildStoreUrl, startTestStores } from '../../support/databases/postgres-stores.ts';
import { startBalancer } from '../../support/faults/balancer.ts';
import { logIn, type Someone, startJitServer } from '../../support/programs/jit-server.ts';
import { findQuietPort } from '../../support/quiet-port.ts';
import { until } from '../../support/until.ts';
import { ORDERS } from '../../support/verifying/service-calls.ts';

const stores = await startTestStores('system');

afterAll(() => stores?.stop());

const SECRET = new Secret('of all replicas'.padEnd(32, '!'));
const LEAD_MS = 1_500;
const PEOPLE = ['ann', 'ben', 'cas'];
const PLENTY = { openRequests: 100, liveGrants: 100, callsPerMinute: 100_000 };

/** Three of them behind one address; each reads the keys again far sooner than a new one signs. */
async function openReplicas(address: PostgresAddress) {
  await using stack = new AsyncDisposableStack();
  const port = await findQuietPort();
  const url = `http://127.0.0.1:${port}`;
  const balancer = stack.use(await startBalancer({ port, url }));
  const ports = await Promise.all([0, 1, 2].map(() => findQuietPort()));
  const store = { kind: 'postgres' as const, url: new Secret(buildStoreUrl(address)) };
  const devUsers = PEOPLE.map((name) => ({ name, groups: ['engineers'], sameAs: null }));
  for (const own of ports) {
    const config = {
      url,
      listen: { host: '127.0.0.1', port: own },
      store,
      secret: SECRET,
      identity: { devUsers, company: null, workloads: [] },
      limits: { people: PLENTY, workloads: PLENTY },
    };
    stack.use(await startJitServer({ config, keysReadAgainMs: 200 }));
  }
  balancer.setPorts(ports);
  const opened = await openPostgresStore({ address });
  stack.defer(opened.close);
  const parts: RotationParts = {
    store: opened.store,
    secret: SECRET,
    clock: realClock,
    ids: createIds(realClock),
    algorithms: [],
  };
  const people = await Promise.all(PEOPLE.map((user) => logIn(url, { user })));
  const kept = stack.move();
  return { url, parts, people, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** A service that knows nothing but the published keys. Its 30 s between two looks for unknown ones pass as fast as the rest. */
function openService(issuer: string) {
  const clock = { ...realClock, monotonicMs: () => realClock.monotonicMs() * (90_000 / LEAD_MS) };
  const verifier = createVerifier({ issuer, audience: ORDERS, clock });
  return async (token: Secret): Promise<boolean> => {
    const authorization = `Bearer ${token.reveal()}`;
    return (await verifier.verify({ method: 'GET', path: '/orders', authorization, proof: undefined })).ok;
  };
}

function readKeyId(token: Secret): string {
  return decodeProtectedHeader(token.reveal()).kid ?? '';
}

/** Asks for access, has it looked at and gives it back, as fast as it is answered; whatever fails is kept. */
function startLoad(people: readonly Someone[], isGood: (token: Secret) => Promise<boolean>) {
  const stopping = new AbortController();
  const signedBy: string[] = [];
  const complaints: string[] = [];
  const play = async ({ backend }: Someone): Promise<void> => {
    const { claimed } = await backend.submit({ ...ORDER, idempotencyKey: randomUUID() });
    if (!claimed?.token) throw new Error('nothing was given');
    signedBy.push(readKeyId(claimed.token));
    if (!(await isGood(claimed.token))) complaints.push('a verifier refused what was just given');
    await backend.revoke(claimed.grant.id, 'done');
  };
  const loops = people.map(async (someone) => {
    while (!stopping.signal.aborted)
      await play(someone).catch((error: unknown) => void complaints.push(String(error)));
  });
  const stop = async (): Promise<void> => {
    stopping.abort();
    await Promise.all(loops);
  };
  return { signedBy, complaints, stop };
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

it('TOK-08: keys rotate twice under three replicas and load: no request fails, and no verifier refuses', async ({
  skip,
}) => {
  if (!stores) return skip();
  await using replicas = await openReplicas(await stores.makeDatabase());
  const { parts, people, url } = replicas;
  const isGood = openService(url);
  const [first, ...others] = people;
  const held = await first?.backend.submit({ ...ORDER, idempotencyKey: randomUUID() });
  const old = held?.claimed?.token ?? new Secret('');
  const load = startLoad(others, isGood);
  const made: string[] = [];
  for (let turn = 0; turn < 2; turn += 1) {
    const times = { leadMs: LEAD_MS, longestTokenMs: 3_600_000, longestSessionMs: 3_600_000 };
    const rotation = await rotateKeys(parts, { uses: KEY_USES, actor: 'operator:root', ...times });
    const id = rotation.made.find(({ use }) => use === 'signing')?.id ?? '';
    made.push(id);
    const isTaken = async () =>
      load.signedBy.length > 6 && load.signedBy.slice(-6).every((signer) => signer === id);
    await until('signed by the new key alone', isTaken, 20_000);
  }
  await load.stop();
  expect(load.complaints).toEqual([]);
  expect(new Set(load.signedBy)).toEqual(new Set([readKeyId(old), ...made]));
  expect(await isGood(old)).toBe(true);
  expect((await listKeys(parts, ['signing'])).map(({ state }) => state)).toEqual([
    'verifying',
    'verifying',
    'signing',
  ]);
});
