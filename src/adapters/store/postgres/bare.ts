import { CompiledQuery, Kysely, sql } from 'kysely';
import { type BareStore, type CopyDialect, quote } from '../copy/bare.ts';
import type { Database, Tables } from '../schema.ts';
import { Connections } from './connections.ts';
import { createPostgresDialect } from './dialect.ts';
import { POSTGRES } from './engine.ts';
import { createPool, describeAddress, type PostgresAddress } from './pool.ts';

const ROWS_AT_ONCE = 500;

const DIALECT: CopyDialect = {
  beginReading: 'begin isolation level repeatable read read only',
  listTables: 'select tablename as name from pg_tables where schemaname = current_schema()',
  readRows,
  insertRows: async (db, { table, columns, rows }) => {
    const list = columns.map(quote).join(', ');
    const text = `insert into ${quote(table)} (${list}) overriding system value
      select ${list} from json_populate_recordset(null::${quote(table)}, $1)`;
    const objects = rows.map((row) =>
      Object.fromEntries(columns.map((column, index) => [column, row[index]])),
    );
    await db.executeQuery(CompiledQuery.raw(text, [JSON.stringify(objects)]));
  },
  catchUp: (table, column) => [
    `select setval(pg_get_serial_sequence('${table}', '${column}'), coalesce(max(${column}), 1), max(${column}) is not null) from ${table}`,
  ],
};

/** Without the ports: for what may take longer than an answer to anybody, and for a copy from a server that only reads. */
export function openBarePostgres(address: PostgresAddress): BareStore {
  const connections = new Connections(createPool(address, 'keeping'));
  const db: Database = new Kysely<Tables>({ dialect: createPostgresDialect(connections) });
  const close = async (): Promise<void> => {
    await connections.close();
    await db.destroy();
  };
  return { db, engine: POSTGRES, at: describeAddress(address), dialect: DIALECT, close };
}

async function* readRows(db: Database, table: string): AsyncIterable<Readonly<Record<string, unknown>>> {
  await sql.raw(`declare copied no scroll cursor for select * from ${quote(table)}`).execute(db);
  for (;;) {
    const { rows } = await sql.raw(`fetch ${ROWS_AT_ONCE} from copied`).execute(db);
    yield* rows as readonly Readonly<Record<string, unknown>>[];
    if (rows.length < ROWS_AT_ONCE) break;
  }
  await sql.raw('close copied').execute(db);
}
