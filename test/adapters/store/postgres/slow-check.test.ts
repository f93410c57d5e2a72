import { setTimeout } from 'node:timers/promises';
import { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Connections } from '../../../../src/adapters/store/postgres/connections.ts';
import { buildConnection } from '../../../../src/adapters/store/postgres/pool.ts';
import { startTestStores, type TestStores } from '../../../support/databases/postgres-stores.ts';

const WAITED_MS = 300;

let stores: TestStores | undefined;

beforeAll(async () => {
  stores = await startTestStores('system');
});

afterAll(() => stores?.stop());

it('a new connection whose check takes longer than one waits for it is not lost: closing comes to its end', async ({
  skip,
}) => {
  if (!stores) return skip();
  const address = await stores.makeDatabase();
  const pool = new Pool({ ...buildConnection(address), connectionTimeoutMillis: WAITED_MS, max: 3 });
  pool.on('error', () => {});
  let checkMs = 0;
  const connections = new Connections(pool, async () => void (await setTimeout(checkMs)));
  (await connections.connect()).release();
  checkMs = WAITED_MS * 3;
  // One is idle, and two want it: the second waits in the pool's queue, and is given a new one from there.
  for (const connection of await Promise.all([connections.connect(), connections.connect()]))
    connection.release();
  await connections.close();
  expect(pool.totalCount).toBe(0);
});

it('a new connection that is no good is closed, and looked at once where it is', async ({ skip }) => {
  if (!stores) return skip();
  const pool = new Pool(buildConnection(await stores.makeDatabase()));
  const answers = [false, true];
  const asked: boolean[] = [];
  const connections = new Connections(pool, async () => {
    const isGood = answers.shift() ?? false;
    asked.push(isGood);
    if (!isGood) throw new Error('the database only reads');
  });
  await expect(connections.connect()).rejects.toMatchObject({ code: 'store_unreachable' });
  for (const _again of [1, 2]) (await connections.connect()).release();
  expect(asked).toEqual([false, true]);
  await connections.close();
});
