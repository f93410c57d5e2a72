import type { Access } from '../access.ts';
import type { Database } from '../schema.ts';
import { requireWon, type Step, type StepResult, toLoss } from '../steps.ts';
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
    writeSteps: (steps) => tryAgain(() => writeSteps(connections, steps)),
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

async function sendSteps(connection: Connection, steps: readonly Step[]): Promise<void> {
  const begun = connection.query('begin', []);
  const sent = steps.map(({ query }) => connection.query(query.sql, query.parameters));
  const [, ...answers] = await Promise.allSettled([begun, ...sent]);
  await begun;
  // After the first that failed the server does none of the others.
  for (const [index, step] of steps.entries()) {
    const answer = answers[index];
    if (answer?.status === 'rejected') throw toLoss(step, answer.reason, POSTGRES);
    if (answer) requireWon(step, toResult(answer.value));
  }
}

function toResult({
  rowCount,
  rows,
}: {
  readonly rowCount: number | null;
  readonly rows: readonly unknown[];
}) {
  return { affected: rowCount ?? 0, rows: rows as StepResult['rows'] };
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
