import { type Compilable, CompiledQuery, type RawBuilder, sql } from 'kysely';
import type { Database } from '../schema.ts';

type Reused = { readonly name: string; readonly parameters: readonly unknown[] };

const texts = new WeakMap<object, Map<string, string>>();

/**
 * A statement whose text is the same every time but for its parameters: it is composed once, which takes longer than
 * many a database takes to run it. `name` stands for the text, `parameters` are in its order.
 */
export function reuse<Row>(
  db: Database,
  { name, parameters }: Reused,
  compose: () => Compilable<Row>,
): CompiledQuery<Row> {
  const known = texts.get(db) ?? new Map<string, string>();
  texts.set(db, known);
  const text = known.get(name) ?? composeFirst(compose, parameters);
  known.set(name, text);
  return CompiledQuery.raw(text, [...parameters]) as CompiledQuery<Row>;
}

/** Reads without a turn at the connection; undefined where it is somebody's at the moment. */
export type DirectRead = (query: CompiledQuery) => readonly unknown[] | undefined;

const directReads = new WeakMap<object, DirectRead>();

/** For a database in the process itself: a turn takes longer than the row. */
export function setDirectRead(db: Database, read: DirectRead): void {
  directReads.set(db, read);
}

/** The first row of such a statement. */
export async function findRow<Row>(
  db: Database,
  reused: Reused,
  compose: () => Compilable<Row>,
): Promise<Row | undefined> {
  return (await listRows(db, reused, compose))[0];
}

export async function listRows<Row>(
  db: Database,
  reused: Reused,
  compose: () => Compilable<Row>,
): Promise<readonly Row[]> {
  const query = reuse(db, reused, compose);
  const rows = directReads.get(db)?.(query) as readonly Row[] | undefined;
  return rows ?? (await db.executeQuery(query)).rows;
}

// A mistake in the order would write one column into another: it is seen at the very first use.
function composeFirst(compose: () => Compilable, parameters: readonly unknown[]): string {
  const { sql, parameters: found } = compose().compile();
  const isSame =
    found.length === parameters.length && found.every((value, index) => value === parameters[index]);
  if (!isSame) throw new Error(`the parameters are not those of: ${sql}`);
  return sql;
}

/**
 * How many rows are wanted, as part of the text: SQLite plans a statement anew whenever it is run with a parameter there,
 * which takes longer than finding a few rows.
 */
export function atMost(rows: number): RawBuilder<number> {
  return sql.lit(rows);
}

/** No fewer than are wanted, of few different numbers: whoever may choose one must not choose how many texts there are. */
export function roundUp(rows: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, rows)));
}
