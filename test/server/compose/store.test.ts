import { access } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { MIGRATIONS } from '../../../src/adapters/store/migrations/migrations.ts';
import { confirmRestore } from '../../../src/server/compose/confirm-restore.ts';
import { listKeysOnce } from '../../../src/server/compose/keys-once.ts';
import { reconcileOnce } from '../../../src/server/compose/reconcile-once.ts';
import { migrateStore } from '../../../src/server/compose/store-keeping.ts';
import { keep, makeFolder, onPostgres, onSqlite } from '../../support/databases/kept-store.ts';
import { startTestStores } from '../../support/databases/postgres-stores.ts';

const stores = await startTestStores('system');

afterAll(() => stores?.stop());

describe('a command that looks beside the servers', () => {
  it('makes no store where there is none, which a backup could not be restored into any more', async ({
    skip,
  }) => {
    if (!stores) return skip();
    await using folder = await makeFolder();
    const bare = await stores.makeBareDatabase();
    for (const store of [onSqlite(folder.in('none.db')), onPostgres(bare)]) {
      const looks = [
        () => listKeysOnce(keep(store), ['signing']),
        () => reconcileOnce({ ...keep(store), apply: false }),
        () => confirmRestore({ ...keep(store), by: 'operator:root' }),
      ];
      for (const look of looks)
        await expect(look()).rejects.toMatchObject({
          code: 'config_invalid',
          message: expect.stringContaining('there is no store'),
        });
    }
    await expect(access(folder.in('none.db'))).rejects.toThrow();
    expect(
      await stores.server.sql(
        'select tablename from pg_tables where schemaname = current_schema()',
        bare.database,
      ),
    ).toEqual([]);
  });

  it('leaves tables of an older version to the servers of that version', async () => {
    await using folder = await makeFolder();
    const options = keep(onSqlite(folder.in('old.db')));
    await migrateStore(options);
    const file = new DatabaseSync(folder.in('old.db'));
    file.exec(`delete from schema_migrations where name = '${MIGRATIONS.at(-1)?.name}'`);
    file.close();
    await expect(listKeysOnce(options, ['signing'])).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(/older jit \(\d{4}-.* is missing\)/),
    });
  });
});
