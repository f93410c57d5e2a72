import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestServer, type TestServer } from '../databases/postgres.ts';
import { type Meddler, startMeddler } from '../meddler.ts';
import { type Desk, openDesk } from './desk.ts';
import { ROOT, type RunningJit, startJit } from './running-jit.ts';
import { type StageSettings, writeStageConfig } from './stage-config.ts';

export type StageOptions = StageSettings & {
  /** A real PostgreSQL as the target `orders`; `away`: one that nobody reaches. */
  readonly withDatabase?: boolean | 'away';
  /** More of the server's environment. */
  readonly environment?: Readonly<Record<string, string>>;
};

/** A real `jit server` for one test file, with whoever stands between it and its clients. */
export type Stage = AsyncDisposable & {
  readonly url: string;
  /** Of the development users; another one after each start. */
  readonly pin: string;
  readonly folder: string;
  /** What `orders-api` introspects with. */
  readonly apiSecret: string;
  /** Undefined where it was not asked for, or none is installed: then a line has said so. */
  readonly database: TestServer | undefined;
  readonly meddler: Meddler;
  readonly process: RunningJit;
  /** Starts again what was stopped or killed. */
  startServer(): Promise<void>;
  stopServer(signal?: NodeJS.Signals): Promise<void>;
  /** A machine that knows this server and holds nothing; somebody is logged in unless it says `null`. */
  openDesk(options?: {
    readonly user?: string | null;
    readonly environment?: Readonly<Record<string, string>>;
  }): Promise<Desk>;
};

export async function startStage(options: StageOptions = {}): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'jit-stage-'));
  const listenPort = await findFreePort();
  const meddler = await startMeddler(listenPort);
  const database = options.withDatabase === true ? await startTestServer('embedded') : undefined;
  const config = await writeConfig(folder, {
    options,
    url: meddler.url,
    listenPort,
    hasDatabase: database !== undefined || options.withDatabase === 'away',
  });
  const apiSecret = randomBytes(24).toString('base64url');
  const environment = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    TMPDIR: tmpdir(),
    NO_COLOR: '1',
    ORDERS_API_SECRET: apiSecret,
    ORDERS_ADMIN_URL:
      database?.adminUrl.reveal() ?? `postgres://jit_admin:none@127.0.0.1:${await findFreePort()}/orders`,
    ...options.environment,
  };
  let server: { readonly process: RunningJit; readonly pin: string } | undefined;
  const running = (): { readonly process: RunningJit; readonly pin: string } => {
    if (!server) throw new Error('the server does not run');
    return server;
  };
  // A login takes as long as a device polls, which is 5 s: one for each user is enough.
  const loggedIn = new Map<string, Promise<Desk>>();
  const logIn = (user: string): Promise<Desk> => {
    const known = loggedIn.get(user) ?? openDesk({ stage }).then((desk) => desk.login(user).then(() => desk));
    loggedIn.set(user, known);
    return known;
  };
  const stage: Stage = {
    url: meddler.url,
    folder,
    apiSecret,
    database,
    meddler,
    get pin() {
      return running().pin;
    },
    get process() {
      return running().process;
    },
    startServer: async () => {
      const process = startJit({ args: ['server', '--config', config], environment });
      const [, pin = ''] = await process.says(/PIN (\S+)/);
      server = { process, pin };
    },
    stopServer: async (signal = 'SIGTERM') => {
      server?.process.kill(signal);
      await server?.process.ended;
    },
    openDesk: async ({ user = 'dev', environment: extra = {} } = {}) => {
      if (user === null) return openDesk({ stage, environment: extra });
      return openDesk({ stage, environment: extra, like: await logIn(user) });
    },
    [Symbol.asyncDispose]: async () => {
      for (const desk of loggedIn.values()) await (await desk)[Symbol.asyncDispose]();
      await stage.stopServer();
      await meddler[Symbol.asyncDispose]();
      await database?.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
  try {
    await stage.startServer();
    return stage;
  } catch (error) {
    await stage[Symbol.asyncDispose]();
    throw error;
  }
}

type Writing = {
  readonly options: StageOptions;
  readonly url: string;
  readonly listenPort: number;
  readonly hasDatabase: boolean;
};

async function writeConfig(folder: string, { options, ...addresses }: Writing): Promise<string> {
  const policiesFolder = await findPolicies(folder, options);
  const path = join(folder, 'jit.yaml');
  await writeFile(path, writeStageConfig({ ...addresses, policiesFolder }, options), { mode: 0o600 });
  return path;
}

async function findPolicies(folder: string, { policies }: StageOptions): Promise<string> {
  if (!policies) return join(ROOT, 'examples', 'policies');
  const own = join(folder, 'policies');
  await mkdir(own);
  for (const [name, text] of Object.entries(policies)) await writeFile(join(own, name), text);
  return own;
}

/** A port on loopback that nothing listens on. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
