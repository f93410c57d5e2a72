import { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Connections } from '../../../../src/adapters/store/postgres/connections.ts';
import { buildConnection } from '../../../../src/adapters/store/postgres/pool.ts';
import { startTestStores, type TestStores } from '../../../support/databases/postgres-stores.ts';

let stores: TestStores | undefined;

beforeAll(async () => {
  stores = await startTestStores('system');
});

afterAll(() => stores?.stop());

it('a read that takes longer than the database gives it fails alone, whoever came with it', async ({
  skip,
}) => {
  if (!stores) return skip();
  const address = await stores.makeDatabase();
  const pool = new Pool({ ...buildConnection(address), statement_timeout: 1_000, max: 1 });
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const connections = new Connections(pool);
  const read = (sql: string) => connections.read({ sql, parameters: [] });
  const slow = "select 'slow' as is, pg_sleep(60)::text as nothing";
  const answers = await Promise.allSettled(["select 'a' as is", slow, "select 'b' as is"].map(read));
  expect(answers).toMatchObject([
    { status: 'fulfilled', value: [{ is: 'a' }] },
    {
      status: 'rejected',
      reason: { code: 'store_unreachable', message: expect.stringContaining('statement timeout') },
    },
    { status: 'fulfilled', value: [{ is: 'b' }] },
  ]);
  await connections.close();
});
