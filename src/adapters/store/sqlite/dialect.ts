import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { type CompiledQuery, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';

/** Far more than the queries of this program have texts; lists of states and ids make a few of each. */
const MAX_STATEMENTS = 400;

export type Sqlite = {
  readonly dialect: SqliteDialect;
  /** Rows at once; undefined inside of a transaction, whose changes are nobody else's business yet. */
  readonly readDirectly: (query: Pick<CompiledQuery, 'sql' | 'parameters'>) => readonly unknown[] | undefined;
};

/** kysely over Node's own SQLite: no native package. Statements are prepared once for each text. */
export function createSqliteDialect(database: DatabaseSync): Sqlite {
  const prepared = new Map<string, SqliteStatement>();
  const prepare = (sql: string): SqliteStatement => {
    const known = prepared.get(sql);
    if (known) return known;
    const statement = adaptStatement(database.prepare(sql));
    if (prepared.size >= MAX_STATEMENTS) prepared.clear();
    prepared.set(sql, statement);
    return statement;
  };
  const adapted: SqliteDatabase = {
    close: () => database.close(),
    // SQLite has already rolled back by itself after some errors, a full disk for one.
    prepare: (sql) => (sql === 'rollback' && !database.isTransaction ? NOTHING : prepare(sql)),
  };
  return {
    dialect: new SqliteDialect({ database: adapted }),
    readDirectly: ({ sql, parameters }) =>
      database.isTransaction ? undefined : prepare(sql).all(parameters),
  };
}

function adaptStatement(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...asInputs(parameters)),
    run: (parameters) => statement.run(...asInputs(parameters)),
    iterate: (parameters) => statement.iterate(...asInputs(parameters)),
  };
}

// The table types allow text, numbers and null only, so the driver's own check is enough.
function asInputs(parameters: readonly unknown[]): readonly SQLInputValue[] {
  return parameters as readonly SQLInputValue[];
}

const NOTHING: SqliteStatement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [].values(),
};
