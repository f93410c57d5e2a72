import { sql } from 'kysely';
import { fail } from '../../../core/errors.ts';
import type { CopiedRow, StoreCopy } from '../../../core/ports/store-copy.ts';
import type { Instant } from '../../../core/time.ts';
import { applyMigrations, lockTables, MIGRATIONS, prepareHistory } from '../migrations/migrations.ts';
import type { Database } from '../schema.ts';
import { type BareStore, COPIED_TABLES, LEFT_OUT_TABLES, NUMBERED, quote, type Rows } from './bare.ts';

const ROWS_AT_ONCE = 500;

export type Filling = {
  readonly copy: StoreCopy;
  readonly now: Instant;
  /** Takes the place of what the copy has under these names. */
  readonly settings: Readonly<Record<string, string>>;
};

/**
 * Makes an empty store what the copy was, in one transaction: tables as the copy has them, its rows, and then what this
 * program has changed since. `store_not_empty` where anybody has used it; `backup_unusable` for a copy of a newer jit.
 */
export async function fillStore(bare: BareStore, { copy, now, settings }: Filling): Promise<void> {
  const { engine } = bare;
  const appliedCount = countKnown(copy.head.migrations);
  await bare.db.transaction().execute(async (writer) => {
    await lockTables(engine, writer);
    await dropEmpty(bare, writer);
    await prepareHistory(writer);
    await applyMigrations(writer, {
      engine,
      now,
      missing: MIGRATIONS.slice(0, appliedCount),
      appliedCount: 0,
    });
    for await (const rows of gather(copy.rows, new Set(Object.keys(settings))))
      await bare.dialect.insertRows(writer, rows);
    await applyMigrations(writer, { engine, now, missing: MIGRATIONS.slice(appliedCount), appliedCount });
    for (const [name, value] of Object.entries(settings))
      await writer.insertInto('settings').values({ name, value }).execute();
    for (const [table, column] of NUMBERED)
      for (const statement of bare.dialect.catchUp(table, column)) await sql.raw(statement).execute(writer);
  });
}

function countKnown(migrations: readonly string[]): number {
  const stranger = migrations.find((name, index) => MIGRATIONS[index]?.name !== name);
  if (stranger === undefined) return migrations.length;
  throw fail('backup_unusable', {
    why: `it was made by a newer jit (it has ${stranger}): use that version or a newer one`,
  });
}

async function dropEmpty({ dialect, at }: BareStore, writer: Database): Promise<void> {
  const { rows } = await sql.raw<{ readonly name: string }>(dialect.listTables).execute(writer);
  const ours = new Set<string>([...COPIED_TABLES, ...LEFT_OUT_TABLES]);
  const found = new Set(rows.map(({ name }) => name).filter((name) => ours.has(name)));
  for (const table of found) {
    if (table.startsWith('schema_')) continue;
    const held = await sql.raw(`select 1 from ${quote(table)} limit 1`).execute(writer);
    if (held.rows.length > 0) throw fail('store_not_empty', { path: at });
  }
  for (const table of [...LEFT_OUT_TABLES, ...COPIED_TABLES.toReversed()])
    if (found.has(table)) await sql.raw(`drop table ${quote(table)}`).execute(writer);
}

/** A few rows of one table at a time. */
async function* gather(copied: AsyncIterable<CopiedRow>, leftOut: ReadonlySet<unknown>): AsyncIterable<Rows> {
  let batch:
    | { readonly table: string; readonly columns: readonly string[]; readonly rows: (readonly unknown[])[] }
    | undefined;
  for await (const { table, columns, cells } of copied) {
    if (batch && (batch.columns !== columns || batch.rows.length >= ROWS_AT_ONCE)) {
      yield batch;
      batch = undefined;
    }
    if (table === 'settings' && leftOut.has(cells[columns.indexOf('name')])) continue;
    batch ??= { table, columns, rows: [] };
    batch.rows.push(cells);
  }
  if (batch) yield batch;
}
