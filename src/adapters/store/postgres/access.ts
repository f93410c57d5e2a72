import type { CompiledQuery } from 'kysely';
import type { Access } from '../access.ts';
import type { Database } from '../schema.ts';
import { requireWon, type Step, type StepResult, toLoss } from '../write/steps.ts';
import type { RawResult } from './batch.ts';
import type { Connection, Connections } from './connections.ts';
import { POSTGRES } from './engine.ts';
import { isWorthAnother } from './failure.ts';

/** Once for a plan that is older than a table, and again for a deadlock with somebody else's. */
const ATTEMPTS = 3;

/** Each write has a connection of its own; the server writes those of the same moment to its disk together. */
export function createAccess(db: Database, connections: Connections): Access {
  return {
    db,
    writeAll: (action) => tryAgain(() => db.transaction().execute(action)),
    writeOne: (action) => tryAgain(() => action(db)),
    writeSoon: (query) => tryAgain(() => writeSoon(connections, query)),
    writeSteps: (steps) => tryAgain(() => writeSteps(connections, steps)),
    // Its disk is the database's own business, and of whoever looks after that.
    isShortOfRoom: () => false,
  };
}

/** Two ways there and back, however many statements: all of them at once, and then what is to become of them. */
async function writeSteps(connections: Connections, steps: readonly Step[]): Promise<void> {
  const connection = await connections.connect();
  let isOver = false;
  try {
    await sendSteps(connection, steps);
    await connection.query('commit', []);
    isOver = true;
  } finally {
    if (!isOver) await connection.query('rollback', []).catch(() => {});
    connection.release();
  }
}

/** One message is one transaction. */
async function writeSoon(connections: Connections, query: CompiledQuery): Promise<number> {
  const connection = await connections.connect();
  try {
    const { results, error } = await connection.send([WITHOUT_WAITING, query]);
    if (error) throw error;
    return results[1]?.affected ?? 0;
  } finally {
    connection.release();
  }
}

const WITHOUT_WAITING = { sql: "select set_config('synchronous_commit', 'off', true)", parameters: [] };
const BEGIN = { sql: 'begin', parameters: [] };

async function sendSteps(connection: Connection, steps: readonly Step[]): Promise<void> {
  const { results, error } = await connection.send([BEGIN, ...steps.map(({ query }) => query)]);
  // After the first that failed the server does none of the others.
  for (const [index, step] of steps.entries()) {
    const result = results[index + 1];
    if (result) requireWon(step, toStepResult(result));
    else throw toLoss(step, error, POSTGRES);
  }
  if (error) throw error;
}

function toStepResult({ affected, rows }: RawResult): StepResult {
  return { affected, rows: rows.length, first: rows[0]?.[0] };
}

async function tryAgain<T>(action: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await action();
    } catch (error) {
      if (attempt === ATTEMPTS || !isWorthAnother(error)) throw error;
    }
  }
}
