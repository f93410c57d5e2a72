import { sql } from 'kysely';
import type { Write } from './access.ts';
import type { Database } from './schema.ts';

/** Enough for every client that waits; few enough that a reader is not kept long. */
const MAX_GROUP = 128;

type Pending = {
  /** Runs the action; returns how to tell its caller, once all is written. */
  readonly run: (writer: Database) => Promise<() => void>;
  readonly reject: (error: unknown) => void;
};

export type GroupCommit = {
  readonly write: Write;
  /** Resolves when nothing is waiting any more. */
  readonly drain: () => Promise<void>;
};

/**
 * Writes whatever arrives at the same moment in one transaction, because the wait for the disk is nearly all that
 * a commit costs. Each action has a savepoint of its own and succeeds or fails alone; all are told after the commit.
 */
export function createGroupCommit(db: Database): GroupCommit {
  const queue: Pending[] = [];
  let running: Promise<void> | undefined;
  const work = async (): Promise<void> => {
    while (queue.length > 0) {
      // The other requests of this turn of the event loop get to join before the group is closed.
      await new Promise((resolve) => setImmediate(resolve));
      await writeGroup(db, queue.splice(0, MAX_GROUP));
    }
    running = undefined;
  };
  return {
    write: (action) =>
      new Promise((resolve, reject) => {
        queue.push({ run: (writer) => runAction({ writer, action, resolve, reject }), reject });
        running ??= work();
      }),
    drain: async () => await running,
  };
}

async function writeGroup(db: Database, group: readonly Pending[]): Promise<void> {
  try {
    const tell = await db.transaction().execute(async (writer) => {
      const outcomes: (() => void)[] = [];
      for (const pending of group) outcomes.push(await pending.run(writer));
      return outcomes;
    });
    for (const outcome of tell) outcome();
  } catch (error) {
    for (const pending of group) pending.reject(error);
  }
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
    // Where SQLite gave up the whole transaction this fails, and with it the group: nobody is told a success.
    await sql`rollback to one`.execute(writer);
    await sql`release one`.execute(writer);
    return () => reject(error);
  }
}
