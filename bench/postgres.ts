import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSampleDatabase } from '../src/adapters/sample-database/start.ts';
import { compareLives } from './roles/lives.ts';

/** The full life of a role, through the connector and as bare SQL, on each PostgreSQL of this machine. Budget: a ratio of 0.8 at least. */
const ROUNDS = 7;
const CONNECTIONS = [1, 10];

for (const kind of ['embedded', 'system'] as const) {
  const folder = await mkdtemp(join(tmpdir(), 'jit-bench-'));
  const database = await startSampleDatabase({ folder: join(folder, 'db'), kinds: [kind] });
  for (const connections of database ? CONNECTIONS : []) {
    if (!database) break;
    const figures = await compareLives(database, { connections, rounds: ROUNDS });
    const { jit, sql, ratio } = figures;
    const text = `${jit.toFixed(0)}/s through jit, ${sql.toFixed(0)}/s as SQL, ratio ${ratio.toFixed(2)}`;
    console.log(`PostgreSQL ${database.major}, connections: ${connections}: ${text}`);
  }
  await database?.stop();
  if (database) await rm(database.folder, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
}
