import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import type { Database, Tables } from '../../../src/adapters/store/schema.ts';
import { createSqliteDialect } from '../../../src/adapters/store/sqlite/dialect.ts';

/** A database without the store around it, and the file under it. */
export function openBare(path = ':memory:'): { readonly file: DatabaseSync; readonly db: Database } {
  const file = new DatabaseSync(path);
  return { file, db: new Kysely<Tables>({ dialect: createSqliteDialect(file).dialect }) };
}
