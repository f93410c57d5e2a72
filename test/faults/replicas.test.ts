import { afterAll, describe, expect, it } from 'vitest';
import { startTestStores, type TestStores } from '../support/databases/postgres-stores.ts';
import { openLoadedReplicas } from '../support/faults/replica-load.ts';
import type { Replicas } from '../support/faults/replicas.ts';
import { FAULT_SEED } from '../support/faults/seed.ts';
import { createRandom, type Random } from '../support/random.ts';
import { until } from '../support/until.ts';

const SECONDS = Number(process.env.JIT_FAULT_SECONDS ?? 30);
const KILL_EVERY_MS = 5_000;
const REPLICAS = [0, 1, 2];
/** How long the database is let alone before each of its ends, and after the last one. */
const BETWEEN_MS = 3_000;

const stores = await startTestStores('embedded');

afterAll(() => stores?.stop());

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One after the other, never the same moment twice; each is back before the next one goes. */
async function killInTurn(replicas: Replicas, random: Random): Promise<number> {
  const startMs = performance.now();
  let kills = 0;
  while ((kills + 1) * KILL_EVERY_MS < SECONDS * 1000) {
    const victim = random.pick(REPLICAS);
    const nextMs = startMs + (kills + 1) * KILL_EVERY_MS + random.below(1_000);
    await wait(Math.max(0, nextMs - performance.now()));
    await replicas.kill(victim);
    kills += 1;
    await wait(random.below(1_000));
    await replicas.start(victim);
  }
  return kills;
}

/** As the kernel would, were it out of memory: PostgreSQL then ends all its sessions and recovers from its log. */
async function crashPostgres({ server }: TestStores, database: string): Promise<void> {
  const [found] = await server.sql(
    `SELECT pid FROM pg_stat_activity WHERE datname = '${database}' AND application_name = 'jit store' LIMIT 1`,
    'postgres',
  );
  process.kill(Number(found?.pid), 'SIGKILL');
}

describe.skipIf(!stores)('replicas under load', () => {
  it(
    `I1, I2, I3, I4, I5, I6: one of three is killed every 5 s for ${SECONDS} s (seed ${FAULT_SEED}): nothing acknowledged is lost, nothing lives on`,
    async () => {
      if (!stores) return;
      const random = createRandom(FAULT_SEED);
      await using loaded = await openLoadedReplicas({ stores, count: REPLICAS.length, random });
      const { replicas, load, history, finish } = loaded;
      const kills = await killInTurn(replicas, random);
      expect(await finish()).toEqual([]);
      const { done, unanswered } = load.counts;
      expect(done).toBeGreaterThan(SECONDS);
      process.stderr.write(
        `${kills} kills, ${done} rounds, ${unanswered} unanswered, ${history.told.length} answers checked\n`,
      );
    },
    // The longer they ran, the more there is to look through.
    (SECONDS * 2 + 120) * 1000,
  );

  it(`I1, I2, I3, I4, I5, I6: PostgreSQL, their store and a target of theirs, breaks down twice (seed ${FAULT_SEED}): they go on without a restart`, async () => {
    if (!stores) return;
    const random = createRandom(FAULT_SEED);
    await using loaded = await openLoadedReplicas({ stores, count: 2, random });
    const { replicas, load, address, finish } = loaded;
    for (let crash = 0; crash < 2; crash += 1) {
      await wait(BETWEEN_MS + random.below(1_000));
      await crashPostgres(stores, address.database);
    }
    const before = load.counts.done;
    await until('somebody is served again', async () => load.counts.done > before);
    await wait(BETWEEN_MS);
    expect(replicas.listRunning()).toEqual([0, 1]);
    expect(await finish()).toEqual([]);
  }, 120_000);
});
