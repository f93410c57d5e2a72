import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import type { Access } from '../../src/adapters/store/access.ts';
import { createChanges } from '../../src/adapters/store/changes.ts';
import type { Engine as Dialect } from '../../src/adapters/store/engine.ts';
import { createAccess } from '../../src/adapters/store/postgres/access.ts';
import { Connections } from '../../src/adapters/store/postgres/connections.ts';
import { createPostgresDialect } from '../../src/adapters/store/postgres/dialect.ts';
import { POSTGRES } from '../../src/adapters/store/postgres/engine.ts';
import { openPostgresStore } from '../../src/adapters/store/postgres/open.ts';
import { createPool } from '../../src/adapters/store/postgres/pool.ts';
import type { Tables } from '../../src/adapters/store/schema.ts';
import { createSqliteDialect } from '../../src/adapters/store/sqlite/dialect.ts';
import { SQLITE } from '../../src/adapters/store/sqlite/engine.ts';
import { createGroupCommit } from '../../src/adapters/store/sqlite/group-commit.ts';
import { openSqliteStore, PRAGMAS } from '../../src/adapters/store/sqlite/open.ts';
import { createStore } from '../../src/adapters/store/store.ts';
import { runSteps } from '../../src/adapters/store/write/steps.ts';
import type { Store } from '../../src/core/ports/store.ts';
import { advance, buildEvent, buildRequest, buildWork, submit } from '../../src/testing/store/rows.ts';
import { startTestStores } from '../../test/support/databases/postgres-stores.ts';
import { runClients } from './clients.ts';
import type { Line } from './figures.ts';
import type { Place } from './place.ts';

const CALLERS = 32;
const ROUNDS = 5;
const ROUND_MS = 1_500;
const CYCLE_SECONDS = 5;
/** Asked, claimed, given, taken away, ended: each with its event. */
const TRANSITIONS = 5;
const EVENT = /^insert into "(audit_events|unsealed_events)"/;

type Opened = AsyncDisposable & { readonly access: Access; readonly engine: Dialect };

/** What the audit log costs: transitions with their event and its place in the log, and without, against a full cycle. */
export async function measureAudit(place: Place): Promise<readonly Line[]> {
  const reports = await runClients(place, place.sessions.slice(0, CALLERS), () => ({
    kind: 'cycles',
    seconds: CYCLE_SECONDS,
  }));
  const cycleMs = (CYCLE_SECONDS * 1_000) / reports.flatMap((report) => report.tookMs).length;
  await place.stop();
  await using opened = await (place.engine === 'sqlite' ? openSqlite() : openPostgres());
  const figures = await compare(opened);
  const share = (TRANSITIONS * (figures.withMs - figures.withoutMs)) / cycleMs;
  return [
    {
      what: 'the share of the audit log in a full cycle',
      measured: `${(share * 100).toFixed(1)} %: a transition ${figures.withMs.toFixed(3)} ms, ${figures.withoutMs.toFixed(3)} without, a cycle ${cycleMs.toFixed(2)}`,
      budget: '≤ 10 %',
      isMet: share <= 0.1,
    },
  ];
}

/** Of the machine for one transition, 32 at a time; medians of rounds in turns. */
async function compare({ access, engine }: Opened): Promise<{ withMs: number; withoutMs: number }> {
  const close = async (): Promise<void> => {};
  const onError = (error: unknown): never => {
    throw error;
  };
  const open = (own: Access): Store =>
    createStore({ access: own, engine, changes: createChanges(onError), close });
  const whole = open(access);
  const bare = open({
    ...access,
    writeSteps: (steps) => access.writeSteps(steps.filter(({ query }) => !EVENT.test(query.sql))),
  });
  const withMs: number[] = [];
  const withoutMs: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const [one, other] = [await measure(whole), await measure(bare)];
    if (round === 0) continue;
    withMs.push(one);
    withoutMs.push(other);
  }
  return { withMs: median(withMs), withoutMs: median(withoutMs) };
}

async function measure(store: Store): Promise<number> {
  let count = 0;
  const startedMs = performance.now();
  const call = async (): Promise<void> => {
    while (performance.now() - startedMs < ROUND_MS) {
      await liveOnce(store);
      count += 2;
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, call));
  // Events are given their place in the log by whoever reads it.
  await store.findPosition();
  return (performance.now() - startedMs) / count;
}

/** Two transitions. */
async function liveOnce(store: Store): Promise<void> {
  const before = buildRequest({ target: `target-${Math.random()}` });
  const work = buildWork('lapse', { requestId: before.id });
  await store.commit({ ...submit(before), work: [{ queue: work }] });
  const after = advance(before, { state: 'cancelled' as const });
  const event = buildEvent('request.cancelled', { requestId: before.id });
  await store.commit({ request: { before, after }, event, work: [{ finish: work.id }] });
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function openSqlite(): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), 'jit-bench-audit-'));
  const path = join(folder, 'jit.db');
  await (await openSqliteStore({ path })).close();
  const file = new DatabaseSync(path);
  for (const pragma of PRAGMAS) file.exec(`pragma ${pragma}`);
  const db = new Kysely<Tables>({ dialect: createSqliteDialect(file).dialect });
  const { write } = createGroupCommit(db);
  const access: Access = {
    db,
    writeAll: write,
    writeOne: write,
    writeSteps: (steps) => write((writer) => runSteps(writer, { steps, engine: SQLITE })),
    // Nothing that is measured here is written so, and the disk has room.
    writeSoon: async () => 0,
    isShortOfRoom: () => false,
  };
  const close = async (): Promise<void> => {
    await db.destroy();
    await rm(folder, { recursive: true, force: true });
  };
  return { access, engine: SQLITE, [Symbol.asyncDispose]: close };
}

async function openPostgres(): Promise<Opened> {
  const stores = await startTestStores('system', { fsync: 'on' });
  if (!stores) throw new Error('no PostgreSQL on this machine');
  const address = await stores.makeDatabase();
  await (await openPostgresStore({ address })).close();
  const connections = new Connections(createPool(address));
  const db = new Kysely<Tables>({ dialect: createPostgresDialect(connections) });
  const close = async (): Promise<void> => {
    await connections.close();
    await db.destroy();
    await stores.stop();
  };
  return { access: createAccess(db, connections), engine: POSTGRES, [Symbol.asyncDispose]: close };
}
