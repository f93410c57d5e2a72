import { describe, expect, it } from 'vitest';
import { COPIED_TABLES, LEFT_OUT_TABLES } from '../../../../src/adapters/store/copy/bare.ts';
import { openBareSqlite } from '../../../../src/adapters/store/copy/bare-sqlite.ts';
import { fillStore } from '../../../../src/adapters/store/copy/fill.ts';
import { readCopy } from '../../../../src/adapters/store/copy/read-copy.ts';
import { MIGRATIONS, migrate } from '../../../../src/adapters/store/migrations/migrations.ts';
import { makeFolder } from '../../../support/databases/kept-store.ts';

describe('a copy of a store', () => {
  it('is of every table, but for logins, which do not come back', async () => {
    await using folder = await makeFolder();
    const bare = await openBareSqlite(folder.in('jit.db'));
    await migrate(bare.db, { engine: bare.engine, at: 'jit.db', now: 0 });
    const tables = await bare.db.introspection.getTables({ withInternalKyselyTables: true });
    await bare.close();
    expect(tables.map(({ name }) => name).sort()).toEqual([...COPIED_TABLES, ...LEFT_OUT_TABLES].sort());
  });

  it('takes a copy of an older version, and brings it up to this one', async () => {
    await using folder = await makeFolder();
    const old = await openBareSqlite(folder.in('old.db'));
    await migrate(old.db, { engine: old.engine, at: 'old', now: 0, migrations: MIGRATIONS.slice(0, 1) });
    await old.db.insertInto('settings').values({ name: 'installation', value: 'abc' }).execute();
    const bare = await openBareSqlite(folder.in('new.db'));
    const tables = ['settings', 'requests', 'grants'];
    await readCopy(
      {
        ...old,
        dialect: {
          ...old.dialect,
          readRows: (db, table) => (tables.includes(table) ? old.dialect.readRows(db, table) : none()),
        },
      },
      (copy) => fillStore(bare, { copy, now: 0, settings: {} }),
    );
    const applied = await bare.db
      .selectFrom('schema_migrations')
      .select('name')
      .orderBy('position')
      .execute();
    expect(applied.map(({ name }) => name)).toEqual(MIGRATIONS.map(({ name }) => name));
    await Promise.all([old.close(), bare.close()]);
  });
});

async function* none(): AsyncGenerator<never> {}
