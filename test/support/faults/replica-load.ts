import { expect } from 'vitest';
import { openPostgresConnector } from '../../../src/adapters/connectors/postgres/open.ts';
import { openPostgresStore } from '../../../src/adapters/store/postgres/open.ts';
import type { PostgresAddress } from '../../../src/adapters/store/postgres/pool.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { listSecretsOf } from '../crash/cast.ts';
import { realClock } from '../databases/postgres.ts';
import { buildStoreUrl, type TestStores } from '../databases/postgres-stores.ts';
import { createShelf } from '../keyrings/secret-shelf.ts';
import type { Someone } from '../programs/log-in.ts';
import type { Random } from '../random.ts';
import { until } from '../until.ts';
import { createHistory, type History } from './history.ts';
import { findViolations, type Inspected } from './invariants.ts';
import { type Load, startLoad } from './load.ts';
import { prepareReplicas, type Replicas } from './replicas.ts';
import { findSpilled } from './spilled-secrets.ts';

const PEOPLE = ['ann', 'ben', 'cas', 'dan', 'eva'];

/** Replicas of the real program over a store of their own, and people who use them. */
export type LoadedReplicas = AsyncDisposable & {
  readonly address: PostgresAddress;
  readonly replicas: Replicas;
  readonly history: History;
  readonly load: Load;
  /** Ends the load, waits until nothing is under way, stops the replicas, and looks at everything: I1 to I6. */
  finish(): Promise<readonly string[]>;
};

export async function openLoadedReplicas(options: {
  readonly stores: TestStores;
  readonly count: number;
  readonly random: Random;
}): Promise<LoadedReplicas> {
  const { stores, random } = options;
  const address = await stores.makeDatabase();
  const groups = PEOPLE.filter((name) => name !== 'eva').map((name) => [name, ['engineers']] as const);
  const replicas = await prepareReplicas({
    count: options.count,
    store: buildStoreUrl(address),
    target: stores.server,
    settings: { people: Object.fromEntries(groups) },
  });
  await replicas.start(0);
  const people = await Promise.all(PEOPLE.map((name) => replicas.logIn(name)));
  const lead = await replicas.logIn('dba-lead');
  await Promise.all(Array.from({ length: options.count - 1 }, (_, index) => replicas.start(index + 1)));
  const history = createHistory();
  const load = startLoad({
    url: replicas.url,
    secret: replicas.apiSecret,
    people,
    lead,
    history,
    random,
    services: ['orders-api', 'billing-api'],
    decided: 'orders',
  });
  const loaded = { address, replicas, history, load };
  return {
    ...loaded,
    finish: () => finish({ ...loaded, stores, people: [...people, lead] }),
    [Symbol.asyncDispose]: () => replicas[Symbol.asyncDispose](),
  };
}

type Finishing = Omit<LoadedReplicas, 'finish' | typeof Symbol.asyncDispose> & {
  readonly stores: TestStores;
  readonly people: readonly Someone[];
};

async function finish(parts: Finishing): Promise<readonly string[]> {
  const { replicas, load, stores, address, history } = parts;
  await load.stop();
  expect(load.listComplaints()).toEqual([]);
  const inspector = await openInspector(stores, address);
  await until('quiet', () => isQuiet(inspector), 30_000);
  const codes = await Promise.all(replicas.listRunning().map((index) => replicas.stop(index)));
  expect(new Set(codes)).toEqual(new Set([0]));
  const violations = await findViolations({ ...inspector, now: Date.now(), told: history.told });
  await inspector[Symbol.asyncDispose]();
  return [
    ...violations,
    ...(await findSecrets(parts)),
    ...(await replicas.findLeft()),
    ...(await findConnections(parts)),
  ];
}

/** I5: of what was given to people, in the store and in what the replicas wrote. */
async function findSecrets({
  people,
  load,
  stores,
  address,
  replicas,
}: Finishing): Promise<readonly string[]> {
  const given = people.flatMap(({ session }) => listSecretsOf(session));
  const canaries = new Map([...load.tokens, ...given]);
  const output = replicas.output();
  const logged = [...canaries].filter(([, text]) => output.includes(text));
  return [
    ...(await findSpilled(canaries, { databases: [{ server: stores.server, name: address.database }] })),
    ...logged.map(([name]) => `I5: ${name} is in the log`),
  ];
}

/** I6: to the store or the target, of whoever is not the one who looks now. */
async function findConnections({ stores }: Finishing): Promise<readonly string[]> {
  const look = () =>
    stores.server.sql(
      `SELECT pid, usename FROM pg_stat_activity WHERE usename LIKE 'jit%' AND backend_type = 'client backend'`,
      'postgres',
    );
  // The server notices that a client has gone a moment after it went.
  await until('alone', async () => (await look()).length === 0).catch(() => {});
  return (await look()).map(({ pid, usename }) => `I6: the connection ${pid} of ${usename} is left`);
}

type Inspector = AsyncDisposable & Pick<Inspected, 'store' | 'connectors'> & { readonly store: Store };

/** What there is to look at beside the replicas: the store, and the target. */
async function openInspector({ server }: TestStores, address: PostgresAddress): Promise<Inspector> {
  const { store, close } = await openPostgresStore({ address });
  const installation = await store.readSetting('installation', async () => 'none');
  const orders = openPostgresConnector({
    name: 'orders',
    url: server.adminUrl,
    memberOf: {},
    clock: realClock,
    installation,
    ...createShelf(),
  });
  return {
    store,
    connectors: new Map([['orders', orders]]),
    [Symbol.asyncDispose]: async () => {
      await orders.close();
      await close();
    },
  };
}

async function isQuiet({ store }: Inspector): Promise<boolean> {
  return (await store.listGrants({ states: ['provisioning', 'revoking'], limit: 1 })).length === 0;
}
