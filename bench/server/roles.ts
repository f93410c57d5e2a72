import type { SampleDatabase } from '../../src/adapters/sample-database/start.ts';
import { compareLives } from '../roles/lives.ts';
import type { Line } from './figures.ts';

const ROUNDS = 3;
const CONNECTIONS = [1, 10];

/** The life of a role through the connector against bare SQL; `node bench/postgres.ts` takes longer, and both PostgreSQLs. */
export async function measureRoles(database: SampleDatabase): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for (const connections of CONNECTIONS) {
    const { jit, sql, ratio } = await compareLives(database, { connections, rounds: ROUNDS });
    lines.push({
      what: `lives of a role, PostgreSQL ${database.major}, ${connections} at a time`,
      measured: `${jit.toFixed(0)}/s, as SQL ${sql.toFixed(0)}/s: ${ratio.toFixed(2)}`,
      budget: '≥ 0.8',
      isMet: ratio >= 0.8,
    });
  }
  return lines;
}
