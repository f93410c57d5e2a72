import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { fail, JitError } from '../../../core/errors.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Access } from '../access.ts';
import { createChanges, type OnError } from '../changes.ts';
import { migrate } from '../migrations/migrations.ts';
import { type OpenStore, onceOnly } from '../opened.ts';
import { createPeopleStore } from '../people-store.ts';
import { createProtocolStore } from '../protocol/protocol-store.ts';
import type { Database, Tables } from '../schema.ts';
import { setDirectRead } from '../statements/reuse.ts';
import { createStore } from '../store.ts';
import { runSteps } from '../write/steps.ts';
import { claimRoom, dropClaim, foldLog } from './claim-room.ts';
import { createSqliteDialect } from './dialect.ts';
import { SQLITE } from './engine.ts';
import { holdStore, preparePrivateFile, requireFile } from './files.ts';
import { isDiskFull } from './full.ts';
import { createGroupCommit } from './group-commit.ts';
import { createReserve } from './reserve.ts';
import { ENDLESS_ROOM, type KeptRoom, openRoom } from './room.ts';

export type { OpenStore } from '../opened.ts';

export const IN_MEMORY = ':memory:';

const BUSY_TIMEOUT_MS = 5000;
/** What every connection to a store is set to. */
export const PRAGMAS = [
  'journal_mode = wal',
  'synchronous = full',
  'foreign_keys = on',
  'temp_store = memory',
];

/**
 * Opens, and where needed makes, the store in a file that only this user can read; `:memory:` keeps it in the
 * process. `store_in_use` while another process has it; `config_invalid` when the file is not a store, or a newer one;
 * `store_full` where the disk has no room at all.
 */
export async function openSqliteStore(options: {
  readonly path: string;
  readonly clock?: Pick<Clock, 'now'>;
  /** The file must be there, and its tables of this version: they are not touched. */
  readonly isCurrent?: boolean | undefined;
  /** Told of what a listener for changes threw. */
  readonly onError?: OnError | undefined;
}): Promise<OpenStore> {
  const now = options.clock?.now() ?? null;
  const { isCurrent, onError = () => {} } = options;
  if (options.path === IN_MEMORY)
    return await openDatabase({ path: IN_MEMORY, now, release: () => {}, onError });
  if (isCurrent) await requireFile(options.path);
  const path = await preparePrivateFile(options.path);
  const release = await holdStore(path);
  try {
    return await openWithRoom({ path, now, release, isCurrent, onError });
  } catch (error) {
    release();
    throw error;
  }
}

/** On a full disk not even the files beside the database can be made: what is set aside is for that too. */
async function openWithRoom(opening: Opening): Promise<OpenStore> {
  try {
    return await openDatabase(opening);
  } catch (error) {
    const cause = error instanceof JitError ? error.cause : error;
    if (!isDiskFull(cause)) throw error;
    if (!(await createReserve(findReserve(opening)).giveUp())) throw fail('store_full', {}, cause);
    return await openDatabase(opening);
  }
}

function findReserve({ path }: Pick<Opening, 'path'>): string {
  return `${path}.reserve`;
}

type Opening = {
  readonly path: string;
  readonly now: number | null;
  readonly release: () => void;
  readonly isCurrent?: boolean | undefined;
  readonly onError: OnError;
};

async function openDatabase({ path, now, release, isCurrent, onError }: Opening): Promise<OpenStore> {
  const file = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    for (const pragma of PRAGMAS) file.exec(`pragma ${pragma}`);
    const { dialect, readDirectly } = createSqliteDialect(file);
    const db: Database = new Kysely<Tables>({ dialect });
    setDirectRead(db, readDirectly);
    const applied = await migrate(db, { engine: SQLITE, at: path, now, isCurrent });
    const room = await keepRoom(file, path);
    const { write, drain } = createGroupCommit(db, room);
    const access: Access = {
      db,
      writeAll: write,
      writeOne: write,
      writeSteps: (steps, needs) => write((writer) => runSteps(writer, { steps, engine: SQLITE }), needs),
      writeSoon: async (query) => {
        const { numAffectedRows = 0n } = await write((writer) => writer.executeQuery(query), {
          isBrief: true,
        });
        return Number(numAffectedRows);
      },
      isShortOfRoom: room.isShort,
    };
    const close = onceOnly(async () => {
      await drain();
      await db.destroy();
      await room.leave();
      release();
    });
    const store = createStore({ access, engine: SQLITE, changes: createChanges(onError), close });
    return {
      store,
      protocol: createProtocolStore(access),
      people: createPeopleStore(access),
      applied,
      room,
      close,
    };
  } catch (error) {
    file.close();
    throw error instanceof JitError
      ? error
      : fail('config_invalid', { at: path, why: explain(error) }, error);
  }
}

async function keepRoom(file: DatabaseSync, path: string): Promise<KeptRoom> {
  if (path === IN_MEMORY) return ENDLESS_ROOM;
  dropClaim(file);
  return await openRoom({
    reserve: createReserve(findReserve({ path })),
    claim: () => claimRoom(file),
    fold: () => foldLog(file),
  });
}

function explain(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
