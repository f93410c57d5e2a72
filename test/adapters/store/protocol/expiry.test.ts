import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Access } from '../../../../src/adapters/store/access.ts';
import { migrate } from '../../../../src/adapters/store/migrations/migrations.ts';
import { removeExpired } from '../../../../src/adapters/store/protocol/expiry.ts';
import type { Database } from '../../../../src/adapters/store/schema.ts';
import { SQLITE } from '../../../../src/adapters/store/sqlite/engine.ts';
import { openBare } from '../../../support/store/database.ts';

let db: Database;
beforeEach(async () => {
  db = openBare().db;
  await migrate(db, { engine: SQLITE, at: 'memory', now: null });
});
afterEach(() => db.destroy());

async function put(...expiries: readonly number[]): Promise<void> {
  const row = {
    kind: 'Session',
    payload: '{}',
    grant_id: null,
    user_code_hash: null,
    uid: null,
    account_id: null,
  };
  const values = expiries.map((expires_at, at) => ({
    ...row,
    id_hash: `${at} of ${expires_at}`,
    expires_at,
  }));
  for (const value of values) await db.insertInto('protocol_entries').values(value).execute();
}

/** Over the tables, noting how many rows each statement that writes took away. */
function watch(between: () => Promise<void> = async () => {}): {
  readonly access: Access;
  readonly removed: number[];
} {
  const removed: number[] = [];
  const writeOne: Access['writeOne'] = async (action) => {
    const result = await action(db);
    removed.push(Number((result as { readonly numDeletedRows: bigint }).numDeletedRows));
    await between();
    return result;
  };
  return { access: { db, writeOne } as Access, removed };
}

it('what has expired goes a bounded number at a time, so that no statement takes longer than the store allows', async () => {
  await put(...Array.from({ length: 1_201 }, (_, at) => at), 9_000);
  const { access, removed } = watch();
  expect(await removeExpired(access, 5_000)).toBe(1_201);
  expect(removed).toEqual([500, 500, 201]);
});

it('where rows expire as fast as they go, it ends all the same', async () => {
  await put(...Array.from({ length: 600 }, (_, at) => at + 10));
  let round = 0;
  const { access, removed } = watch(async () => {
    round += 1;
    await put(round);
  });
  expect(await removeExpired(access, 5_000)).toBe(600);
  expect(removed).toEqual([500, 100]);
});
