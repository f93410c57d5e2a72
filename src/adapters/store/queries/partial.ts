import { type RawBuilder, type SqlBool, sql } from 'kysely';

/** Are only rows wanted that a partial index over these states has? */
export function isWithin(indexed: readonly string[], wanted: readonly string[] | undefined): boolean {
  return wanted?.every((state) => indexed.includes(state)) ?? false;
}

/** The condition of such an index, word for word: a database uses it where a query says the same, not where it means it. */
export function within(column: string, states: readonly string[]): RawBuilder<SqlBool> {
  return sql<SqlBool>`${sql.ref(column)} in (${sql.join(states.map((state) => sql.lit(state)))})`;
}
