import { afterAll, describe, expect, it } from 'vitest';
import { openPostgresConnector } from '../../src/adapters/connectors/postgres/open.ts';
import { openPostgresStore } from '../../src/adapters/store/postgres/open.ts';
import type { PostgresAddress } from '../../src/adapters/store/postgres/pool.ts';
import type { Store } from '../../src/core/ports/store.ts';
import { startLoad } from '../support/fault-load.ts';
import { createHistory } from '../support/history.ts';
import { findViolations, type Inspected } from '../support/invariants.ts';
import { realClock } from '../support/postgres.ts';
import { buildStoreUrl, startTestStores, type TestStores } from '../support/postgres-stores.ts';
import { createRandom, type Random } from '../support/random.ts';
import { prepareReplicas, type Replicas } from '../support/replicas.ts';
import { createShelf } from '../support/secret-shelf.ts';
import { until } from '../support/until.ts';

const SECONDS = Number(process.env.JIT_FAULT_SECONDS ?? 30);
const SEED = Number(process.env.JIT_FAULT_SEED ?? 1);
const KILL_EVERY_MS = 5_000;
const REPLICAS = [0, 1, 2];
const PEOPLE = ['ann', 'ben', 'cas', 'dan', 'eva'];

const stores = await startTestStores('embedded');

afterAll(() => stores?.stop());

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Three replicas over a store of their own, and somebody logged in for each of the people. */
async function openReplicas(stores: TestStores) {
  const address = await stores.makeDatabase();
  const groups = PEOPLE.filter((name) => name !== 'eva').map((name) => [name, ['engineers']] as const);
  const replicas = await prepareReplicas({
    count: REPLICAS.length,
    store: buildStoreUrl(address),
    target: stores.server,
    settings: { people: Object.fromEntries(groups) },
  });
  await replicas.start(0);
  const people = await Promise.all(PEOPLE.map((name) => replicas.logIn(name)));
  const lead = await replicas.logIn('dba-lead');
  await Promise.all(REPLICAS.slice(1).map((index) => replicas.start(index)));
  return { address, replicas, people, lead };
}

/** One after the other, never the same moment twice; each is back before the next one goes. */
async function killInTurn(replicas: Replicas, random: Random): Promise<number> {
  const endMs = performance.now() + SECONDS * 1000;
  let kills = 0;
  while (performance.now() + KILL_EVERY_MS < endMs) {
    await wait(KILL_EVERY_MS - 1_000 + random.below(1_000));
    const victim = random.pick(REPLICAS);
    await replicas.kill(victim);
    kills += 1;
    await wait(random.below(1_000));
    await replicas.start(victim);
  }
  return kills;
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

describe.skipIf(!stores)('three replicas under load', () => {
  it(
    `I1, I2, I3, I4: one is killed every 5 s for ${SECONDS} s (seed ${SEED}): nothing acknowledged is lost, nothing lives on`,
    async () => {
      if (!stores) return;
      const { address, replicas, people, lead } = await openReplicas(stores);
      const history = createHistory();
      const random = createRandom(SEED);
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
      const kills = await killInTurn(replicas, random);
      await load.stop();
      expect(load.listComplaints()).toEqual([]);
      await using inspector = await openInspector(stores, address);
      await until('quiet', () => isQuiet(inspector), 20_000);
      expect(await Promise.all(REPLICAS.map((index) => replicas.stop(index)))).toEqual([0, 0, 0]);
      const { told } = history;
      expect(await findViolations({ ...inspector, now: Date.now(), told })).toEqual([]);
      expect({ ...load.counts, kills, told: told.length }).toMatchObject({
        done: expect.toSatisfy((done: number) => done > SECONDS),
      });
      process.stderr.write(
        `${kills} kills, ${load.counts.done} rounds, ${load.counts.unanswered} unanswered, ${told.length} answers checked\n`,
      );
      await replicas[Symbol.asyncDispose]();
    },
    (SECONDS + 90) * 1000,
  );
});
