import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeSampleDatabase, startSampleDatabase } from '../../../../src/adapters/sample-database/start.ts';
import { openPostgresStore } from '../../../../src/adapters/store/postgres/open.ts';
import { hasCode } from '../../../../src/core/errors.ts';
import type { Store } from '../../../../src/core/ports/store.ts';
import { Secret } from '../../../../src/core/secret.ts';
import { buildEvent } from '../../../../src/testing/store/rows.ts';
import { startTestStores, type TestStores } from '../../../support/databases/postgres-stores.ts';
import { makeFolder } from '../../../support/store/folder.ts';
import { until } from '../../../support/until.ts';

let stores: TestStores | undefined;

beforeAll(async () => {
  stores = await startTestStores('system', { fsync: 'on' });
});

afterAll(() => stores?.stop());

/** Writers that go on whatever happens, and what they were told. */
function write(written: readonly Store[]) {
  const acknowledged: string[] = [];
  const errors: unknown[] = [];
  let isOver = false;
  const work = async (store: Store): Promise<void> => {
    while (!isOver) {
      const event = buildEvent('session.started');
      try {
        await store.commit({ event });
        acknowledged.push(event.id);
      } catch (error) {
        errors.push(error);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  };
  const working = Promise.all(written.flatMap((store) => Array.from({ length: 4 }, () => work(store))));
  const reach = async (more: number): Promise<void> => {
    const goal = acknowledged.length + more;
    await until(`${more} more are written`, async () => acknowledged.length >= goal, 30_000);
  };
  const end = async () => {
    isOver = true;
    await working;
    return { acknowledged, errors };
  };
  return { reach, end };
}

async function listIds(store: Store): Promise<readonly string[]> {
  return (await store.listEvents({ limit: 1_000_000 })).map(({ id }) => id);
}

/** As the kernel would, were it out of memory: the server then ends all its sessions and recovers from its log. */
async function killSession({ server }: TestStores, database: string): Promise<void> {
  const found = await server.sql(
    `select pid from pg_stat_activity where datname = '${database}' and application_name = 'jit store' limit 1`,
    'postgres',
  );
  process.kill(Number(found[0]?.pid), 'SIGKILL');
}

describe('a PostgreSQL that restarts', () => {
  it('under load loses nothing that was acknowledged, and the stores come back by themselves', async ({
    skip,
  }) => {
    if (!stores) return skip();
    const address = await stores.makeDatabase();
    const one = await openPostgresStore({ address });
    const other = await openPostgresStore({ address });
    const told = new Set<string>();
    one.store.changes(({ requestId }) => told.add(requestId ?? ''));
    const writers = write([one.store, other.store]);
    await writers.reach(50);
    await killSession(stores, address.database);
    await writers.reach(100);
    await killSession(stores, address.database);
    await writers.reach(100);
    const { acknowledged, errors } = await writers.end();
    const ids = await listIds(one.store);
    expect(acknowledged.filter((id) => !ids.includes(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(errors.filter((error) => !hasCode(error, 'store_unreachable'))).toEqual([]);
    expect(errors.length).toBeGreaterThan(0);
    const log = await other.store.listChanges({ after: 0, limit: 1_000_000 });
    expect(log.map(({ position }) => position)).toEqual(ids.map((_, index) => index + 1));
    await other.store.commit({ event: buildEvent('session.started', { requestId: 'req_after' }) });
    await until('told', async () => told.has('req_after'));
    await Promise.all([one.close(), other.close()]);
  });

  it('and is away for a while is told of as such, and everything goes on when it is back', async ({
    skip,
  }) => {
    await using place = await makeFolder();
    const start = (port?: number) =>
      startSampleDatabase({ folder: place.path, kinds: ['system'], searchPath: '', port });
    let database = await start();
    if (!database) return skip();
    const { socketFolder, port } = database.superuser;
    const admin = new Client({ host: socketFolder, port, user: 'postgres', database: 'postgres' });
    await admin.connect();
    await admin.query("create role lasting superuser login password 'lasting'");
    await admin.end();
    const password = new Secret('lasting');
    const address = {
      host: '127.0.0.1',
      port,
      database: 'orders',
      user: 'lasting',
      password,
      ssl: false as const,
    };
    const { store, close } = await openPostgresStore({ address });
    const told: (string | null)[] = [];
    store.changes(({ requestId }) => told.push(requestId));
    await database.stop();
    await expect(store.commit({ event: buildEvent('session.started') })).rejects.toMatchObject({
      code: 'store_unreachable',
      status: 503,
    });
    await expect(store.readGrant('gr_1')).rejects.toMatchObject({ code: 'store_unreachable' });
    database = await start(port);
    expect(await store.readGrant('gr_1')).toBeUndefined();
    await store.commit({ event: buildEvent('session.started', { requestId: 'req_after' }) });
    await until('told', async () => told.includes('req_after'));
    await close();
    await database?.stop();
    await removeSampleDatabase(place.path);
  });
});
