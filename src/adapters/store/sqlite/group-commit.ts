import { sql } from 'kysely';
import { fail } from '../../../core/errors.ts';
import type { WriteNeeds } from '../access.ts';
import type { Database } from '../schema.ts';
import { isDiskFull } from './full.ts';
import { ENDLESS_ROOM, type KeptRoom } from './room.ts';

/** Enough for every client that waits; few enough that a reader is not kept long. */
const MAX_GROUP = 128;

type Pending = {
  /** Runs the action; returns how to tell its caller, once all is written. */
  readonly run: (writer: Database) => Promise<() => void>;
  readonly reject: (error: unknown) => void;
  readonly needsRoom: boolean;
  readonly isBrief: boolean;
};

export type GroupCommit = {
  readonly write: <T>(action: (writer: Database) => Promise<T>, needs?: WriteNeeds) => Promise<T>;
  /** Resolves when nothing is waiting any more. */
  readonly drain: () => Promise<void>;
};

/**
 * Writes whatever arrives at the same moment in one transaction, because the wait for the disk is nearly all that
 * a commit costs. Each action has a savepoint of its own and succeeds or fails alone; all are told after the commit.
 * `store_full` where the disk is, and for what needs room while there is only what is set aside for the rest.
 */
export function createGroupCommit(db: Database, room: KeptRoom = ENDLESS_ROOM): GroupCommit {
  const queue: Pending[] = [];
  let running: Promise<void> | undefined;
  const work = async (): Promise<void> => {
    while (queue.length > 0) {
      // The other requests of this turn of the event loop get to join before the group is closed.
      await new Promise((resolve) => setImmediate(resolve));
      await writeGroup({ db, room, mayRepeat: true }, queue.splice(0, MAX_GROUP));
    }
    running = undefined;
  };
  return {
    write: (action, { needsRoom = false, isBrief = false } = {}) =>
      new Promise((resolve, reject) => {
        const run = (writer: Database) => runAction({ writer, action, resolve, reject });
        queue.push({ run, reject, needsRoom, isBrief });
        running ??= work();
      }),
    drain: async () => await running,
  };
}

type Disk = { readonly db: Database; readonly room: KeptRoom; readonly mayRepeat: boolean };

async function writeGroup(disk: Disk, waiting: readonly Pending[]): Promise<void> {
  const group = disk.room.isShort() ? refuseNew(waiting) : waiting;
  if (group.length === 0) return;
  try {
    for (const tell of await commitLightly(disk.db, group)) tell();
  } catch (error) {
    if (isDiskFull(error)) return writeLess(disk, group, error);
    for (const pending of group) pending.reject(error);
  }
}

/** What is left is what ends something. */
function refuseNew(waiting: readonly Pending[]): readonly Pending[] {
  for (const { reject } of waiting.filter(({ needsRoom }) => needsRoom)) reject(fail('store_full', {}));
  return waiting.filter(({ needsRoom }) => !needsRoom);
}

/** Nobody waits for the disk where all of it may be lost with the machine; what others add to the log takes it along. */
async function commitLightly(db: Database, group: readonly Pending[]): Promise<readonly (() => void)[]> {
  if (!group.every(({ isBrief }) => isBrief)) return await commitGroup(db, group);
  await sql`pragma synchronous = normal`.execute(db);
  try {
    return await commitGroup(db, group);
  } finally {
    await sql`pragma synchronous = full`.execute(db);
  }
}

async function commitGroup(db: Database, group: readonly Pending[]): Promise<readonly (() => void)[]> {
  return await db.transaction().execute(async (writer) => {
    const outcomes: (() => void)[] = [];
    for (const pending of group) outcomes.push(await pending.run(writer));
    return outcomes;
  });
}

/** Nothing of the group is written: once more with the room that can be made, then each for itself. */
async function writeLess(disk: Disk, group: readonly Pending[], error: unknown): Promise<void> {
  if (disk.mayRepeat && (await disk.room.make())) return writeGroup({ ...disk, mayRepeat: false }, group);
  const [first, ...others] = group;
  if (others.length === 0) return first?.reject(fail('store_full', {}, error));
  for (const pending of group) await writeGroup({ ...disk, mayRepeat: true }, [pending]);
}

type Run<T> = {
  readonly writer: Database;
  readonly action: (writer: Database) => Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
};

async function runAction<T>({ writer, action, resolve, reject }: Run<T>): Promise<() => void> {
  await sql`savepoint one`.execute(writer);
  try {
    const value = await action(writer);
    await sql`release one`.execute(writer);
    return () => resolve(value);
  } catch (error) {
    // What follows would fail with another error, where SQLite has rolled back already.
    if (isDiskFull(error)) throw error;
    // Where SQLite gave up the whole transaction this fails, and with it the group: nobody is told a success.
    await sql`rollback to one`.execute(writer);
    await sql`release one`.execute(writer);
    return () => reject(error);
  }
}
