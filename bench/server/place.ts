import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createSystemClock } from '../../src/adapters/clock.ts';
import { readServerConfig } from '../../src/adapters/config/read-config.ts';
import { CONNECTOR_KINDS } from '../../src/adapters/connectors/kinds.ts';
import type { OpenStore } from '../../src/adapters/store/opened.ts';
import type { StoredSession } from '../../src/core/ports/session.ts';
import { Secret } from '../../src/core/secret.ts';
import { openStore } from '../../src/server/compose/store.ts';
import { buildStoreUrl, startTestStores } from '../../test/support/databases/postgres-stores.ts';
import { logIn } from '../../test/support/programs/log-in.ts';
import { type RunningJit, startJit } from '../../test/support/programs/running-jit.ts';
import { findQuietPort } from '../../test/support/quiet-port.ts';
import { describeConfig, describePolicy, FIRST, LEAD, nameUser } from './config.ts';

/** How the kernel counts a process's time: a hundredth of a second. */
const TICK_MS = 10;
const ACCESS_TOKEN = 'AccessToken';

export type BenchRow = Readonly<Record<string, unknown>>;
export type Engine = 'sqlite' | 'postgres';

/** Where it listens is not what it is called: a balancer would stand in front. */
export type Other = AsyncDisposable & { readonly listensAt: string };

/** One store, and the real server over it, which can be stopped, filled behind its back, and started again. */
export type Place = AsyncDisposable & {
  readonly engine: Engine;
  readonly url: string;
  /** Of everybody: `sessions[0]` is the first user's. */
  readonly sessions: readonly StoredSession[];
  readonly lead: StoredSession;
  /** Resolves with how long it took until it answered. */
  start(): Promise<number>;
  /** One more server behind the same address, on the same store: PostgreSQL only. */
  startOther(): Promise<Other>;
  stop(): Promise<void>;
  /** The store itself, while the server is stopped. */
  fill(work: (opened: OpenStore) => Promise<void>): Promise<void>;
  /** Behind the server's back: for rows by the hundred thousand. */
  sql(statement: string): Promise<readonly BenchRow[]>;
  /** Of the server's process since it began, all threads together. */
  readCpuMs(): Promise<number>;
  /** Files and connections that the server's process has open. */
  countFiles(): Promise<number>;
  /** Of the server's process, resident: at the moment, and at most since it began. */
  readMemory(): Promise<{ readonly nowMib: number; readonly mostMib: number }>;
};

export type PlaceOptions = { readonly users: number; readonly databaseUrl: string | undefined };

export async function openPlace(engine: Engine, { users, databaseUrl }: PlaceOptions): Promise<Place> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), `jit-bench-${engine}-`));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const port = await findQuietPort();
  const url = `http://127.0.0.1:${port}`;
  // As it is in production: a commit is on disk when it is told.
  const stores = engine === 'postgres' ? await startTestStores('system', { fsync: 'on' }) : undefined;
  stack.defer(async () => stores?.stop());
  const address = await stores?.makeDatabase();
  const store = address ? buildStoreUrl(address) : 'sqlite:./jit.db';
  const config = join(folder, 'jit.yaml');
  await mkdir(join(folder, 'policies'));
  await writeFile(join(folder, 'policies/all.cedar'), describePolicy({ databaseUrl }));
  await writeFile(config, describeConfig({ port, store, users, databaseUrl }), { mode: 0o600 });

  let server: { readonly process: RunningJit; readonly pin: string } | undefined;
  const start = async (): Promise<number> => {
    const startedMs = performance.now();
    const process = startJit({ args: ['server', '--config', config], environment: environment(folder) });
    const [, pin = ''] = await process.says(/PIN (\S+)/);
    server = { process, pin };
    return performance.now() - startedMs;
  };
  const startOther = async (): Promise<Other> => {
    const listensOn = await findQuietPort();
    const path = join(folder, `jit-${listensOn}.yaml`);
    await writeFile(path, describeConfig({ port, listensOn, store, users, databaseUrl }), { mode: 0o600 });
    const other = startJit({ args: ['server', '--config', path], environment: environment(folder) });
    await other.says(/PIN (\S+)/);
    const end = async (): Promise<void> => {
      other.kill('SIGTERM');
      await other.ended;
    };
    return { listensAt: `http://127.0.0.1:${listensOn}`, [Symbol.asyncDispose]: end };
  };
  const stop = async (): Promise<void> => {
    server?.process.kill('SIGTERM');
    await server?.process.ended;
    server = undefined;
  };
  const fill = async (work: (opened: OpenStore) => Promise<void>): Promise<void> => {
    const read = await readServerConfig(config, { environment: {}, kinds: CONNECTOR_KINDS });
    const opened = await openStore({ config: read, clock: createSystemClock(), onError: console.error });
    await work(opened);
    await opened.close();
  };

  stack.defer(stop);
  await start();
  const pin = server?.pin ?? '';
  const [first, lead] = [
    (await logIn(url, { user: FIRST, pin })).session,
    (await logIn(url, { user: LEAD, pin })).session,
  ];
  await stop();
  const sessions: StoredSession[] = [];
  await fill(async (opened) => {
    sessions.push(...(await copySession(opened, { first, users })));
  });
  const all = stack.move();
  return {
    engine,
    url,
    sessions,
    lead,
    start,
    startOther,
    stop,
    fill,
    sql: async (statement) => {
      if (stores) return stores.server.sql(statement, address?.database);
      using file = new DatabaseSync(join(folder, 'jit.db'), { timeout: 60_000 });
      return file.prepare(statement).all();
    },
    readCpuMs: async () => {
      const stat = await readFile(`/proc/${server?.process.pid}/stat`, 'utf8');
      const [user = '', system = ''] = stat
        .replace(/^.*\) /, '')
        .split(' ')
        .slice(11, 13);
      return (Number(user) + Number(system)) * TICK_MS;
    },
    countFiles: async () => (await readdir(`/proc/${server?.process.pid}/fd`)).length,
    readMemory: async () => {
      const status = await readFile(`/proc/${server?.process.pid}/status`, 'utf8');
      const read = (name: string): number =>
        Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
      return { nowMib: read('VmRSS'), mostMib: read('VmHWM') };
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function environment(folder: string): Readonly<Record<string, string>> {
  // JIT_BENCH_NODE_OPTIONS="--cpu-prof --cpu-prof-dir=…": where the time goes.
  const options = process.env.JIT_BENCH_NODE_OPTIONS;
  return {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    TMPDIR: tmpdir(),
    NO_COLOR: '1',
    ...(options === undefined ? {} : { NODE_OPTIONS: options }),
  };
}

/** The same login for everybody, under a token of their own: hundreds of logins would take longer than the measurement. */
async function copySession(
  { protocol }: OpenStore,
  { first, users }: { readonly first: StoredSession; readonly users: number },
): Promise<readonly StoredSession[]> {
  const found = await protocol.find(ACCESS_TOKEN, first.accessToken.reveal());
  if (!found) throw new Error('the first login is not in the store');
  const { payload } = found;
  const expiresAt = Date.now() + 24 * 3_600_000;
  const sessions: StoredSession[] = [];
  for (let index = 0; index < users; index += 1) {
    const id = randomBytes(32).toString('base64url');
    const accountId = String(payload.accountId).replace(FIRST, nameUser(index));
    const exp = Math.floor(expiresAt / 1000);
    await protocol.put({ kind: ACCESS_TOKEN, id, payload: { ...payload, accountId, exp }, expiresAt });
    sessions.push({ ...first, name: nameUser(index), accessToken: new Secret(id) });
  }
  return sessions;
}
