import { Kysely, sql } from 'kysely';
import { fail, JitError } from '../../../core/errors.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Instant } from '../../../core/time.ts';
import type { Access } from '../access.ts';
import type { OnError } from '../changes.ts';
import { migrate } from '../migrations/migrations.ts';
import { onceOnly, type SharedStore } from '../opened.ts';
import { createPeopleStore } from '../people-store.ts';
import { createProtocolStore } from '../protocol/protocol-store.ts';
import { findPosition, type LogRange, listLog } from '../queries/event-queries.ts';
import type { Database, Tables } from '../schema.ts';
import { ENDLESS_ROOM } from '../sqlite/room.ts';
import { createStore } from '../store.ts';
import { sealEvents } from '../write/seal.ts';
import { createAccess } from './access.ts';
import { openBarePostgres } from './bare.ts';
import { Connections } from './connections.ts';
import { createPostgresDialect } from './dialect.ts';
import { POSTGRES } from './engine.ts';
import { createPool, describeAddress, type PostgresAddress, requireWritable } from './pool.ts';
import { createSharedChanges } from './shared-changes.ts';

export type PostgresOptions = {
  readonly address: PostgresAddress;
  readonly clock?: Pick<Clock, 'now'> | undefined;
  /** The tables must be there, and of this version: they are not touched. */
  readonly isCurrent?: boolean | undefined;
  /** Told of what a listener for changes threw. */
  readonly onError?: OnError | undefined;
};

/**
 * Opens the store in a database that is there, and makes its tables where they are missing; any number of servers may
 * have it open. `store_unreachable` while nobody answers there; `config_invalid` for tables of a newer jit.
 */
export async function openPostgresStore(options: PostgresOptions): Promise<SharedStore> {
  const { address } = options;
  const connections = new Connections(createPool(address), requireWritable);
  const db: Database = new Kysely<Tables>({ dialect: createPostgresDialect(connections) });
  const closeDatabase = async (): Promise<void> => {
    await connections.close();
    await db.destroy();
  };
  const access = createAccess(db, connections);
  const changes = createSharedChanges({
    address,
    onError: options.onError ?? (() => {}),
    ...createLog(access),
  });
  let applied: readonly string[];
  try {
    applied = await prepareTables(options);
    await changes.open();
  } catch (error) {
    await closeDatabase();
    if (error instanceof JitError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw fail('config_invalid', { at: describeAddress(address), why }, error);
  }
  const close = onceOnly(async () => {
    await closeDatabase();
    await changes.close();
  });
  const store = createStore({ access, engine: POSTGRES, changes, close });
  const [protocol, people] = [createProtocolStore(access), createPeopleStore(access)];
  return { store, protocol, people, applied, room: ENDLESS_ROOM, readTime: () => readTime(db), close };
}

async function prepareTables({ address, clock, isCurrent }: PostgresOptions): Promise<readonly string[]> {
  const { db, engine, at, close } = openBarePostgres(address);
  try {
    await requireFit(db, at);
    return await migrate(db, { engine, at, now: clock?.now() ?? null, isCurrent });
  } finally {
    await close();
  }
}

type Fitness = { readonly encoding: string; readonly commits: string };

/**
 * In any other encoding some names and reasons could not be written down, and nobody would know before somebody has one;
 * and where a commit does not wait for the disk, a revocation that was told of may be undone by a crash.
 */
async function requireFit(db: Database, at: string): Promise<void> {
  const { rows } = await sql<Fitness>`select current_setting('server_encoding') as encoding,
    current_setting('synchronous_commit') as commits`.execute(db);
  const { encoding = 'unknown', commits = 'unknown' } = rows[0] ?? {};
  const refuse = (why: string): never => {
    throw fail('config_invalid', { at, why });
  };
  if (encoding !== 'UTF8') refuse(`has the encoding ${encoding}: create the database with UTF8`);
  if (commits === 'off') refuse('has synchronous_commit off: what was told would be lost in a crash');
}

async function readTime(db: Database): Promise<Instant> {
  const { rows } = await sql<{
    now: number;
  }>`select (extract(epoch from clock_timestamp()) * 1000)::float8 as now`.execute(db);
  return rows[0]?.now ?? Number.NaN;
}

function createLog(access: Access) {
  return {
    findPosition: async () => {
      await sealEvents(access, POSTGRES);
      return await findPosition(access.db);
    },
    readLog: async (range: LogRange) => {
      await sealEvents(access, POSTGRES);
      return await listLog(access.db, range);
    },
  };
}
