import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestServer } from '../databases/postgres.ts';
import { listProcesses } from '../programs/canary.ts';
import { logIn, type Someone } from '../programs/log-in.ts';
import { ROOT, type RunningJit, type StartJit, startJit } from '../programs/running-jit.ts';
import { type StageSettings, writeStageConfig } from '../programs/stage-config.ts';
import { findQuietPort } from '../quiet-port.ts';
import { type Balancer, startBalancer } from './balancer.ts';

/** Replicas of the real program over one store, behind one address. */
export type Replicas = AsyncDisposable & {
  readonly url: string;
  /** What `orders-api` introspects with. */
  readonly apiSecret: string;
  readonly configs: readonly string[];
  /** Logs in while only the first replica runs: the PIN is that one's. */
  logIn(user: string): Promise<Someone>;
  /** `through`: what runs it, as in `faketime +2h`. */
  start(index: number, how?: Pick<StartJit, 'through' | 'environment'>): Promise<RunningJit>;
  /** `kill -9`. */
  kill(index: number): Promise<void>;
  /** Resolves with its exit code. */
  stop(index: number): Promise<number>;
  /** Those that run, by number. */
  listRunning(): readonly number[];
  /** What those that have ended wrote. */
  readonly output: () => string;
  /** I6: files and processes of theirs that are there now, as sentences. Nobody may run. */
  findLeft(): Promise<readonly string[]>;
};

export type ReplicasOptions = {
  readonly count: number;
  readonly store: string;
  /** The server with the targets, where there is one. */
  readonly target: TestServer | undefined;
  readonly settings?: StageSettings;
};

export async function prepareReplicas(options: ReplicasOptions): Promise<Replicas> {
  const folder = await mkdtemp(join(tmpdir(), 'jit-replicas-'));
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  const port = await findQuietPort();
  const url = `http://127.0.0.1:${port}`;
  const balancer = await startBalancer({ port, url });
  const apiSecret = randomBytes(24).toString('base64url');
  const places = await Promise.all(
    Array.from({ length: options.count }, (_, index) => preparePlace({ folder, url, index, options })),
  );
  const environment = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    TMPDIR: temporary,
    NO_COLOR: '1',
    ORDERS_API_SECRET: apiSecret,
    ORDERS_ADMIN_URL: options.target?.adminUrl.reveal() ?? '',
  };
  const running = new Map<number, RunningJit>();
  let pin = '';
  let output = '';
  const start: Replicas['start'] = async (index, how) => {
    const config = places[index]?.config ?? '';
    const process = startJit({
      args: ['server', '--config', config],
      ...how,
      environment: { ...environment, ...how?.environment },
    });
    running.set(index, process);
    const [, itsPin = ''] = await process.says(/PIN (\S+)/);
    if (running.size === 1) pin = itsPin;
    showPlaces(balancer, places);
    return process;
  };
  const end = async (index: number, signal: NodeJS.Signals): Promise<number> => {
    const process = running.get(index);
    if (!process) return 0;
    process.kill(signal);
    const { exitCode, stdout, stderr } = await process.ended;
    output += stdout + stderr;
    running.delete(index);
    return exitCode;
  };
  return {
    url,
    apiSecret,
    configs: places.map(({ config }) => config),
    logIn: (user) => logIn(url, { user, pin }),
    start,
    kill: async (index) => {
      await end(index, 'SIGKILL');
    },
    stop: (index) => end(index, 'SIGTERM'),
    listRunning: () => [...running.keys()],
    output: () => output,
    findLeft: async () => {
      const files = await readdir(temporary, { recursive: true });
      const processes = await listProcesses();
      const own = processes.filter(({ environment: seen }) => seen.includes(`HOME=${folder}\n`));
      return [
        ...files.map((file) => `I6: ${file} is left`),
        ...own.map(({ pid, commandLine }) => `I6: ${pid} still runs: ${commandLine}`),
      ];
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...running.keys()].map((index) => end(index, 'SIGTERM')));
      await balancer[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type PlacePlan = { readonly port: number; readonly config: string };

/** The balancer looks at all of them, always: whether one can be sent to is what `/readyz` says. */
function showPlaces(balancer: Balancer, places: readonly PlacePlan[]): void {
  balancer.setPorts(places.map(({ port }) => port));
}

async function preparePlace(plan: {
  readonly folder: string;
  readonly url: string;
  readonly index: number;
  readonly options: ReplicasOptions;
}): Promise<PlacePlan> {
  const { folder, url, index, options } = plan;
  const own = join(folder, `replica-${index}`);
  await mkdir(own);
  const config = join(own, 'jit.yaml');
  const port = await findQuietPort();
  const text = writeStageConfig(
    {
      url,
      listenPort: port,
      policiesFolder: join(ROOT, 'examples/policies'),
      hasDatabase: options.target !== undefined,
    },
    // People of these tests are faster than any.
    { limits: '{ requests_per_minute: 1000000 }', ...options.settings, store: options.store },
  );
  await writeFile(config, text, { mode: 0o600 });
  return { port, config };
}
