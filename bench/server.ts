import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SampleDatabase, startSampleDatabase } from '../src/adapters/sample-database/start.ts';
import { measureAudit } from './server/audit.ts';
import { measureDeadTokens, measureSessions } from './server/ends-seen.ts';
import { type Line, printLine } from './server/figures.ts';
import { measureCycles, measureIntrospection, measureRequests } from './server/load.ts';
import { measureManyEnds, measureOverdue } from './server/many.ts';
import { type Engine, openPlace, type Place } from './server/place.ts';
import { measureRoles } from './server/roles.ts';
import { measureWaiting } from './server/waiting.ts';

// The server under load, on both stores in one run: `npm run bench:server`. One engine, or some of the measurements:
// `node bench/server.ts sqlite cycles`. The clients have processes of their own, on the same cores. Exits 1 where a budget
// is missed.

const ENGINES = ['sqlite', 'postgres'] as const;
const MEASURES: Readonly<Record<string, (place: Place) => Promise<readonly Line[]>>> = {
  requests: measureRequests,
  cycles: measureCycles,
  introspection: measureIntrospection,
  tokens: measureDeadTokens,
  sessions: measureSessions,
  waiting: measureWaiting,
  overdue: measureOverdue,
  ends: measureManyEnds,
  audit: measureAudit,
};
/** Of a target, whatever the store is. */
const ROLES = 'roles';
const NEEDS_DATABASE = [ROLES, 'sessions'];

const words = process.argv.slice(2);

function pick<T extends string>(all: readonly T[]): readonly T[] {
  const picked = all.filter((name) => words.includes(name));
  return picked.length > 0 ? picked : all;
}

const wanted = pick([...Object.keys(MEASURES), ROLES]);

function print(engine: string, lines: readonly Line[]): void {
  for (const line of lines) {
    printLine(engine, line);
    if (!line.isMet) process.exitCode = 1;
  }
}

async function measureAll(engine: Engine, databaseUrl: string | undefined): Promise<void> {
  await using place = await openPlace(engine, { users: 200, databaseUrl });
  for (const name of wanted.filter((word) => word !== ROLES)) {
    await place.start();
    print(engine, (await MEASURES[name]?.(place)) ?? []);
    await place.stop();
  }
}

async function openDatabase(): Promise<{ database: SampleDatabase; close: () => Promise<void> } | undefined> {
  if (!wanted.some((name) => NEEDS_DATABASE.includes(name))) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'jit-bench-orders-'));
  const database = await startSampleDatabase({ folder: join(folder, 'db') });
  if (!database) throw new Error('no PostgreSQL on this machine');
  const close = async (): Promise<void> => {
    await database.stop();
    await rm(database.folder, { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  };
  return { database, close };
}

const opened = await openDatabase();
try {
  const url = wanted.includes('sessions') ? opened?.database.adminUrl.reveal() : undefined;
  if (wanted.some((name) => name !== ROLES))
    for (const engine of pick(ENGINES)) await measureAll(engine, url);
  if (opened && wanted.includes(ROLES)) print('target', await measureRoles(opened.database));
} finally {
  await opened?.close();
}
