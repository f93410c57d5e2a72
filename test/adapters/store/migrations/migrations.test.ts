import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { MIGRATIONS, migrate } from '../../../../src/adapters/store/migrations/migrations.ts';
import type { Database } from '../../../../src/adapters/store/schema.ts';
import { SQLITE } from '../../../../src/adapters/store/sqlite/engine.ts';
import { IN_MEMORY, openSqliteStore } from '../../../../src/adapters/store/sqlite/open.ts';
import { openBare } from '../../../support/store/database.ts';
import { makeFolder } from '../../../support/store/folder.ts';

const OPTIONS = { engine: SQLITE, at: 'the store', now: 1_000 };

function step(name: string, ...statements: readonly string[]) {
  return { name, statements: () => statements };
}

async function tablesOf(db: Database): Promise<readonly string[]> {
  const { rows } = await sql<{
    name: string;
  }>`select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name`.execute(
    db,
  );
  return rows.map((row) => row.name);
}

describe('migrations', () => {
  it('run in order, each once, and say when', async () => {
    const { db } = openBare();
    const first = step('1', 'create table a (x integer)');
    const second = step('2', 'alter table a add column y integer', 'insert into a values (1, 2)');
    await migrate(db, { ...OPTIONS, migrations: [first] });
    await migrate(db, { ...OPTIONS, now: 2_000, migrations: [first, second] });
    await migrate(db, { ...OPTIONS, now: 3_000, migrations: [first, second] });
    const rows = await db.selectFrom('schema_migrations').selectAll().orderBy('position').execute();
    expect(rows).toEqual([
      { name: '1', position: 0, applied_at: 1_000 },
      { name: '2', position: 1, applied_at: 2_000 },
    ]);
    expect((await sql`select * from a`.execute(db)).rows).toEqual([{ x: 1, y: 2 }]);
  });

  it('leave what was whole when a later one fails half-way, and go on from there', async () => {
    const { db } = openBare();
    const [first, second] = [
      step('1', 'create table a (x integer)'),
      step('2', 'create table b (x integer)'),
    ];
    const broken = step('3', 'create table c (x integer)', 'create table a (x integer)');
    await migrate(db, { ...OPTIONS, migrations: [first] });
    const failing = migrate(db, { ...OPTIONS, migrations: [first, second, broken] });
    await expect(failing).rejects.toThrow(/already exists/);
    expect(await tablesOf(db)).toEqual(['a', 'b', 'schema_expansions', 'schema_migrations']);
    const mended = step('3', 'create table c (x integer)');
    expect(await migrate(db, { ...OPTIONS, migrations: [first, second, mended] })).toEqual(['3']);
    expect(await tablesOf(db)).toEqual(['a', 'b', 'c', 'schema_expansions', 'schema_migrations']);
  });

  it('leave nothing behind in an empty place when one fails half-way', async () => {
    const { db } = openBare();
    const broken = step('2', 'create table b (x integer)', 'create table a (x integer)');
    const migrations = [step('1', 'create table a (x integer)'), broken];
    await expect(migrate(db, { ...OPTIONS, migrations })).rejects.toThrow(/already exists/);
    expect(await tablesOf(db)).toEqual([]);
  });

  it('refuse a store that a newer program has written, and change nothing in it', async () => {
    await using place = await makeFolder();
    await (await openSqliteStore({ path: place.path })).close();
    const { db, file } = openBare(place.path);
    await migrate(db, {
      ...OPTIONS,
      migrations: [...MIGRATIONS, step('9999-later', 'create table later (x text)')],
    });
    file.close();
    await expect(openSqliteStore({ path: place.path })).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(/jit\.db: the store was written by a newer jit \(it has 9999-later\)/),
    });
  });

  it('live with a newer program that only added to the store, until one that did more', async () => {
    const { db } = openBare();
    const first = step('1', 'create table a (x integer)');
    const added = { ...step('2', 'alter table a add column y integer'), isExpansion: true as const };
    const more = step('3', 'alter table a drop column x');
    const known = { ...OPTIONS, migrations: [first] };
    expect(await migrate(db, { ...OPTIONS, migrations: [first, added] })).toEqual(['1', '2']);
    expect(await migrate(db, known)).toEqual([]);
    expect(await migrate(db, { ...OPTIONS, migrations: [first, added, more] })).toEqual(['3']);
    await expect(migrate(db, known)).rejects.toThrow(/by a newer jit \(it has 3\)/);
    const another = { ...OPTIONS, migrations: [step('other', 'create table b (x integer)')] };
    await expect(migrate(db, another)).rejects.toThrow(/a migration 1 that this jit does not know/);
  });

  it('refuse a history that is not theirs', async () => {
    const { db } = openBare();
    await migrate(db, { ...OPTIONS, migrations: [step('another', 'create table a (x integer)')] });
    await expect(migrate(db, OPTIONS)).rejects.toMatchObject({ code: 'config_invalid' });
    expect(await tablesOf(db)).toEqual(['a', 'schema_expansions', 'schema_migrations']);
  });

  it('make the tables that later work needs', async () => {
    const { db } = openBare();
    await migrate(db, OPTIONS);
    expect(await tablesOf(db)).toEqual([
      'audit_events',
      'audit_leaves',
      'channel_links',
      'decisions',
      'grants',
      'idempotency_keys',
      'later_reviews',
      'notices',
      'people',
      'protocol_entries',
      'requests',
      'reviews',
      'schema_expansions',
      'schema_migrations',
      'settings',
      'unsealed_events',
      'work',
    ]);
  });

  it('write the time of the clock that the store was opened with', async () => {
    await using place = await makeFolder();
    await (await openSqliteStore({ path: place.path, clock: { now: () => 77_000 } })).close();
    const { db } = openBare(place.path);
    const rows = await db.selectFrom('schema_migrations').select('applied_at').execute();
    await db.destroy();
    expect(rows).toEqual(MIGRATIONS.map(() => ({ applied_at: 77_000 })));
  });

  it('work in memory too', async () => {
    const { store, close } = await openSqliteStore({ path: IN_MEMORY });
    expect(await store.listRequests({ limit: 1 })).toEqual([]);
    await close();
  });
});
