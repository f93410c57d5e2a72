import { sql } from 'kysely';
import { fail } from '../../core/errors.ts';
import type { Instant } from '../../core/time.ts';
import type { Engine } from './engine.ts';
import { firstMigration } from './first-migration.ts';
import { peopleMigration } from './people-migration.ts';
import type { Database } from './schema.ts';

export type Migration = {
  readonly name: string;
  readonly statements: (engine: Engine) => readonly string[];
};

/** In order, for ever: a new one goes to the end, none is renamed. */
export const MIGRATIONS: readonly Migration[] = [
  { name: '0001-first', statements: firstMigration },
  { name: '0002-people', statements: peopleMigration },
];

export type MigrationOptions = {
  readonly engine: Engine;
  /** How the store is named in a complaint. */
  readonly at: string;
  readonly now: Instant | null;
  readonly migrations?: readonly Migration[];
};

/**
 * Brings the tables up to this program's version, all of it or nothing. `config_invalid` when the store was
 * written by a newer program, or has a history that this one does not know.
 */
export async function migrate(db: Database, options: MigrationOptions): Promise<void> {
  const known = options.migrations ?? MIGRATIONS;
  await db.transaction().execute(async (writer) => {
    if (options.engine.migrationLock) await sql.raw(options.engine.migrationLock).execute(writer);
    const applied = await readApplied(writer);
    requireKnown({ applied, known, at: options.at });
    for (const [position, migration] of known.entries()) {
      if (position < applied.length) continue;
      for (const statement of migration.statements(options.engine)) await sql.raw(statement).execute(writer);
      await writer
        .insertInto('schema_migrations')
        .values({ name: migration.name, position, applied_at: options.now })
        .execute();
    }
  });
}

async function readApplied(writer: Database): Promise<readonly string[]> {
  await sql
    .raw(
      'create table if not exists schema_migrations (name text primary key, position integer not null unique, applied_at bigint)',
    )
    .execute(writer);
  const rows = await writer.selectFrom('schema_migrations').select('name').orderBy('position').execute();
  return rows.map((row) => row.name);
}

function requireKnown(history: {
  readonly applied: readonly string[];
  readonly known: readonly Migration[];
  readonly at: string;
}): void {
  const { applied, known, at } = history;
  const stranger = applied.find((name, position) => known[position]?.name !== name);
  if (stranger === undefined) return;
  const why =
    applied.length > known.length
      ? `the store was written by a newer jit (it has ${stranger}); use that version or a newer one`
      : `the store has a migration ${stranger} that this jit does not know`;
  throw fail('config_invalid', { at, why });
}
