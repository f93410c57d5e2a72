import { sql } from 'kysely';
import { fail } from '../../../core/errors.ts';
import type { Instant } from '../../../core/time.ts';
import type { Engine } from '../engine.ts';
import type { Database } from '../schema.ts';
import { firstMigration } from './first.ts';
import { handleMigration } from './handle.ts';
import { idleMigration } from './idle.ts';
import { leavingMigration } from './leaving.ts';
import { logMigration } from './log.ts';
import { openMigration } from './open.ts';
import { peopleMigration } from './people.ts';

export type Migration = {
  readonly name: string;
  readonly statements: (engine: Engine) => readonly string[];
  /**
   * It only adds what a program that does not know it can leave alone (a table, a column with a default, an index):
   * one of the version before may go on beside one that has applied it. What is added is made use of, and what it
   * replaces is removed, by later migrations, when no such program is left.
   */
  readonly isExpansion?: true;
};

/** In order, for ever: a new one goes to the end, none is renamed. */
export const MIGRATIONS: readonly Migration[] = [
  { name: '0001-first', statements: firstMigration },
  { name: '0002-people', statements: peopleMigration },
  { name: '0003-log', statements: logMigration },
  { name: '0004-idle', statements: idleMigration, isExpansion: true },
  { name: '0005-open', statements: openMigration, isExpansion: true },
  { name: '0006-handle', statements: handleMigration, isExpansion: true },
  { name: '0007-leaving', statements: leavingMigration, isExpansion: true },
];

export type MigrationOptions = {
  readonly engine: Engine;
  /** How the store is named in a complaint. */
  readonly at: string;
  readonly now: Instant | null;
  readonly migrations?: readonly Migration[];
  /** Nothing is applied: where anything is missing it is `config_invalid`. */
  readonly isCurrent?: boolean | undefined;
};

/**
 * Brings the tables up to this program's version; of several that start at once each change is made by one. An empty place
 * gets all of them or nothing. Elsewhere each is a transaction of its own, since servers are at work there and what one of
 * them locks must not wait for the next: after one that failed the next start goes on with it. `config_invalid` when the
 * store was written by a newer program that did more than add to it, or has a history that this one does not know.
 * Resolves with the names of what was applied.
 */
export async function migrate(db: Database, options: MigrationOptions): Promise<readonly string[]> {
  const done: string[] = [];
  for (;;) {
    const some = await db.transaction().execute((writer) => applyNext(writer, options));
    if (some.length === 0) return done;
    done.push(...some);
  }
}

/** What was applied is read each time anew: another server may have been faster meanwhile. */
async function applyNext(writer: Database, options: MigrationOptions): Promise<readonly string[]> {
  const { engine, now, at, migrations: known = MIGRATIONS } = options;
  await lockTables(engine, writer);
  const applied = await readApplied(writer);
  requireKnown({ applied, known, at });
  const missing = known.slice(applied.length);
  if (options.isCurrent) requireComplete({ applied, missing, at });
  const some = applied.length === 0 ? missing : missing.slice(0, 1);
  await applyMigrations(writer, { engine, now, missing: some, appliedCount: applied.length });
  return some.map(({ name }) => name);
}

/** These, after so many that are there, in the transaction of whoever asks; `prepareHistory` comes first. */
export async function applyMigrations(
  writer: Database,
  options: Pick<MigrationOptions, 'engine' | 'now'> & {
    readonly missing: readonly Migration[];
    readonly appliedCount: number;
  },
): Promise<void> {
  for (const [index, migration] of options.missing.entries()) {
    const position = options.appliedCount + index;
    for (const statement of migration.statements(options.engine)) await sql.raw(statement).execute(writer);
    await writer
      .insertInto('schema_migrations')
      .values({ name: migration.name, position, applied_at: options.now })
      .execute();
    if (migration.isExpansion)
      await writer.insertInto('schema_expansions').values({ name: migration.name }).execute();
  }
}

/** To the end of the transaction nobody else changes the tables. */
export async function lockTables(engine: Engine, writer: Database): Promise<void> {
  for (const statement of engine.migrationLock) await sql.raw(statement).execute(writer);
}

/** Where it is written down what was applied. */
export async function prepareHistory(writer: Database): Promise<void> {
  for (const statement of HISTORY) await sql.raw(statement).execute(writer);
}

type Applied = { readonly name: string; readonly isExpansion: boolean };

const HISTORY = [
  'create table if not exists schema_migrations (name text primary key, position integer not null unique, applied_at bigint)',
  'create table if not exists schema_expansions (name text primary key)',
];

async function readApplied(writer: Database): Promise<readonly Applied[]> {
  await prepareHistory(writer);
  const rows = await writer
    .selectFrom('schema_migrations')
    .leftJoin('schema_expansions', 'schema_expansions.name', 'schema_migrations.name')
    .select(['schema_migrations.name', 'schema_expansions.name as expansion'])
    .orderBy('position')
    .execute();
  return rows.map(({ name, expansion }) => ({ name, isExpansion: expansion !== null }));
}

/** Whoever only looks makes no store of an empty place, and takes none away from the servers of the version before. */
function requireComplete(history: {
  readonly applied: readonly Applied[];
  readonly missing: readonly Migration[];
  readonly at: string;
}): void {
  const { applied, missing, at } = history;
  const [next] = missing;
  if (next === undefined) return;
  const why =
    applied.length === 0
      ? 'there is no store: start a server, or restore a backup'
      : `the store was written by an older jit (${next.name} is missing): use that version, or bring it up to this one with jit server migrate`;
  throw fail('config_invalid', { at, why });
}

function requireKnown(history: {
  readonly applied: readonly Applied[];
  readonly known: readonly Migration[];
  readonly at: string;
}): void {
  const { applied, known, at } = history;
  const strangers = applied.filter(({ name }, position) => known[position]?.name !== name);
  const isNewer = applied.length > known.length && applied[known.length] === strangers[0];
  const stranger = strangers.find(({ isExpansion }) => !(isNewer && isExpansion));
  if (stranger === undefined) return;
  const why = isNewer
    ? `the store was written by a newer jit (it has ${stranger.name}); use that version or a newer one`
    : `the store has a migration ${stranger.name} that this jit does not know`;
  throw fail('config_invalid', { at, why });
}
