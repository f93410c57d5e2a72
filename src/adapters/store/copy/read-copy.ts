import { sql } from 'kysely';
import type { Cell, CopiedRow, CopyHead, StoreCopy } from '../../../core/ports/store-copy.ts';
import type { Database } from '../schema.ts';
import { type BareStore, COPIED_TABLES } from './bare.ts';

/** Everything that a store remembers at one moment, read while others write. It is there until `use` has ended. */
export async function readCopy<T>(bare: BareStore, use: (copy: StoreCopy) => Promise<T>): Promise<T> {
  return await bare.db.connection().execute(async (connection) => {
    await sql.raw(bare.dialect.beginReading).execute(connection);
    try {
      return await use({ head: await readHead(connection), rows: readRows(bare, connection) });
    } finally {
      await sql.raw('rollback').execute(connection);
    }
  });
}

async function readHead(db: Database): Promise<CopyHead> {
  const migrations = await db.selectFrom('schema_migrations').select('name').orderBy('position').execute();
  const installation = await db
    .selectFrom('settings')
    .select('value')
    .where('name', '=', 'installation')
    .executeTakeFirst();
  return { migrations: migrations.map(({ name }) => name), installation: installation?.value ?? null };
}

async function* readRows({ dialect }: BareStore, db: Database): AsyncIterable<CopiedRow> {
  for (const table of COPIED_TABLES) {
    let columns: readonly string[] | undefined;
    for await (const row of dialect.readRows(db, table)) {
      columns ??= Object.keys(row);
      yield { table, columns, cells: columns.map((column) => row[column] as Cell) };
    }
  }
}
