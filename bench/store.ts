import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSampleDatabase } from '../src/adapters/sample-database/start.ts';
import type { OpenStore } from '../src/adapters/store/opened.ts';
import { openPostgresStore } from '../src/adapters/store/postgres/open.ts';
import { openSqliteStore } from '../src/adapters/store/sqlite/open.ts';
import type { Store } from '../src/core/ports/store.ts';
import { advance, buildEvent, buildRequest, buildWork, submit } from '../src/testing/store/rows.ts';

/**
 * Transitions per second through the store alone, SQLite and PostgreSQL in turns: each makes a request, with its work,
 * and cancels it. With one caller, how long one takes; with 32, how many there are. `node bench/store.ts`.
 */
const ROUNDS = 3;
const ROUND_MS = 3_000;
const CALLERS = [1, 32];

type Contestant = { readonly name: string; readonly opened: OpenStore };
type Figures = { readonly perSecond: number; readonly p50Ms: number; readonly p99Ms: number };

async function liveOnce(store: Store, tookMs: number[]): Promise<void> {
  const before = buildRequest({ target: `target-${tookMs.length}-${Math.random()}` });
  const work = buildWork('lapse', { requestId: before.id });
  await time(tookMs, () => store.commit({ ...submit(before), work: [{ queue: work }] }));
  const after = advance(before, { state: 'cancelled' as const });
  const event = buildEvent('request.cancelled', { requestId: before.id });
  await time(tookMs, () => store.commit({ request: { before, after }, event, work: [{ finish: work.id }] }));
}

async function time(tookMs: number[], commit: () => Promise<string>): Promise<void> {
  const startedAtMs = performance.now();
  const outcome = await commit();
  if (outcome !== 'committed') throw new Error(outcome);
  tookMs.push(performance.now() - startedAtMs);
}

async function measure(store: Store, callers: number): Promise<Figures> {
  const tookMs: number[] = [];
  const startedAtMs = performance.now();
  const call = async (): Promise<void> => {
    while (performance.now() - startedAtMs < ROUND_MS) await liveOnce(store, tookMs);
  };
  await Promise.all(Array.from({ length: callers }, call));
  const perSecond = tookMs.length / ((performance.now() - startedAtMs) / 1_000);
  const sorted = tookMs.toSorted((left, right) => left - right);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { perSecond, p50Ms: at(0.5), p99Ms: at(0.99) };
}

function print(name: string, callers: number, rounds: readonly Figures[]): void {
  const middle = rounds.toSorted((left, right) => left.perSecond - right.perSecond)[
    Math.floor(rounds.length / 2)
  ];
  if (!middle) return;
  const { perSecond, p50Ms, p99Ms } = middle;
  const figures = `${perSecond.toFixed(0)}/s, p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms`;
  process.stdout.write(`${name.padEnd(12)} ${String(callers).padStart(2)} callers  ${figures}\n`);
}

async function openPostgres(folder: string) {
  const database = await startSampleDatabase({
    folder,
    kinds: ['system', 'embedded'],
    searchPath: process.env.PATH ?? '',
  });
  if (!database) throw new Error('no PostgreSQL on this machine');
  const { socketFolder, port } = database.superuser;
  const opened = await openPostgresStore({
    address: {
      host: socketFolder,
      port,
      database: 'postgres',
      user: 'postgres',
      password: undefined,
      ssl: false,
    },
  });
  return { database, opened };
}

const folder = await mkdtemp(join(tmpdir(), 'jit-bench-store-'));
const { database, opened } = await openPostgres(join(folder, 'postgres'));
const contestants: readonly Contestant[] = [
  { name: 'SQLite', opened: await openSqliteStore({ path: join(folder, 'jit.db') }) },
  { name: 'PostgreSQL', opened },
];
try {
  for (const callers of CALLERS) {
    const figures = contestants.map((): Figures[] => []);
    for (let round = 0; round < ROUNDS; round += 1)
      for (const [index, { opened }] of contestants.entries())
        figures[index]?.push(await measure(opened.store, callers));
    for (const [index, { name }] of contestants.entries()) print(name, callers, figures[index] ?? []);
  }
} finally {
  for (const { opened } of contestants) await opened.close();
  await database.stop();
  await rm(database.folder, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
}
