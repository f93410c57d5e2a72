import { DatabaseSync } from 'node:sqlite';
import { CompiledQuery, Kysely } from 'kysely';
import type { Tables } from '../schema.ts';
import { createSqliteDialect } from '../sqlite/dialect.ts';
import { SQLITE } from '../sqlite/engine.ts';
import { holdStore, preparePrivateFile, requireFile } from '../sqlite/files.ts';
import { type BareStore, type CopyDialect, quote } from './bare.ts';

const BUSY_TIMEOUT_MS = 5000;

const DIALECT: CopyDialect = {
  beginReading: 'begin',
  listTables:
    "select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\'",
  readRows: (db, table) =>
    db
      .selectFrom(table as keyof Tables)
      .selectAll()
      .stream(),
  insertRows: async (db, { table, columns, rows }) => {
    const places = columns.map(() => '?').join(', ');
    const text = `insert into ${quote(table)} (${columns.map(quote).join(', ')}) values (${places})`;
    for (const row of rows) await db.executeQuery(CompiledQuery.raw(text, [...row]));
  },
  catchUp: () => [],
};

/** To write: for this process alone; the file is made where it is missing. */
export async function openBareSqlite(wanted: string): Promise<BareStore> {
  const path = await preparePrivateFile(wanted);
  const release = await holdStore(path);
  try {
    return open(path, {
      pragmas: ['journal_mode = wal', 'synchronous = full', 'foreign_keys = on'],
      release,
    });
  } catch (error) {
    release();
    throw error;
  }
}

/** To read, also while a server has it: what it writes meanwhile is not waited for, and does not wait. */
export async function openSqliteBeside(path: string): Promise<BareStore> {
  await requireFile(path);
  return open(path, { pragmas: ['query_only = on'], release: () => {} });
}

type Opening = { readonly pragmas: readonly string[]; readonly release: () => void };

function open(path: string, { pragmas, release }: Opening): BareStore {
  const file = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  for (const pragma of pragmas) file.exec(`pragma ${pragma}`);
  const db = new Kysely<Tables>({ dialect: createSqliteDialect(file).dialect });
  const close = async (): Promise<void> => {
    await db.destroy();
    release();
  };
  return { db, engine: SQLITE, at: path, dialect: DIALECT, close };
}
