import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createServerBackend } from './adapters/backends/server.ts';
import { createBrowser } from './adapters/browser.ts';
import { createSystemClock } from './adapters/clock.ts';
import { createConfigFile } from './adapters/config-file/config-file.ts';
import { findFolders } from './adapters/config-file/folders.ts';
import { type OpenKeychain, openKeychain } from './adapters/keychain/open.ts';
import { createLocalState } from './adapters/local-state.ts';
import { createFileLock } from './adapters/lock/file-lock.ts';
import { createAuthorization } from './adapters/oauth/authorization.ts';
import { createHttp } from './adapters/oauth/http.ts';
import { createProcesses } from './adapters/process/processes.ts';
import { createTerminal } from './adapters/terminal/terminal.ts';
import type { Interrupt, World } from './cli/world.ts';
import { createEngineer } from './client/engineer.ts';
import { sweep } from './client/held.ts';
import { reap } from './client/reaper.ts';
import { createSessionSource } from './client/session.ts';
import { findServer, type ServerSettings } from './compose/find-server.ts';
import { createPassphrase } from './compose/passphrase.ts';

export type WorldOptions = {
  readonly process: NodeJS.Process;
  readonly interrupt: Interrupt;
  readonly version: string;
};

export type ProgramWorld = { readonly world: World; readonly isStuck: () => boolean };

const CLIENT_ID = 'jit-cli';

/** The real world of the client: every adapter chosen here, and opened when it is first needed. */
export async function composeWorld(options: WorldOptions): Promise<ProgramWorld> {
  const { process, interrupt } = options;
  const { env: environment, platform } = process;
  const clock = createSystemClock();
  const folders = findFolders(environment, platform);
  const lock = createFileLock({ folder: join(folders.state, 'locks'), clock });
  const state = createLocalState({ folder: folders.state, lock });
  const configFile = createConfigFile({ folder: folders.config });
  const terminal = await createTerminal({
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    environment,
  });
  const processes = createProcesses({ environment, jitPath: process.argv[1] ?? '' });
  const passphrase = createPassphrase({ environment, terminal });
  const settings: ServerSettings = { environment, readConfig: () => configFile.read() };
  const opened: OpenKeychain[] = [];

  const openFor = async (server: string): Promise<OpenKeychain> => {
    const choice = await findKeychainChoice(settings, server);
    const keychain = openKeychain({ choice, folder: join(folders.state, 'keychain'), passphrase });
    opened.push(keychain);
    return keychain;
  };
  const anyKeychain = async (): Promise<OpenKeychain> =>
    openFor(await findServer(settings, {}).catch(() => ''));
  const sweepParts = { state, clock, openKeychain: anyKeychain };

  const world: World = {
    version: options.version,
    terminal,
    clock,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    processes,
    browser: createBrowser({ environment, platform }),
    folders,
    state,
    interrupt,
    newKey: () => randomUUID(),
    readConfig: () => configFile.read(),
    writeConfig: (config) => configFile.write(config),
    findServer: (choice) => findServer(settings, choice),
    openKeychain: openFor,
    chooseFileKeychain: async (server) => {
      const config = await configFile.read();
      const name = findProfileName(config, server);
      const profiles = {
        ...config.profiles,
        [name]: { ...config.profiles[name], server, keychain: 'file' as const },
      };
      await configFile.write({ ...config, defaultProfile: config.defaultProfile ?? name, profiles });
    },
    connect: async (choice) => {
      const server = await findServer(settings, choice);
      await sweep(sweepParts);
      const keychain = await openFor(server);
      const http = createHttp();
      const authorization = createAuthorization({ server, clock, http, clientId: CLIENT_ID });
      const session = createSessionSource({ server, keychain, lock, authorization, clock });
      const backend = createServerBackend({ server, http, session, clock });
      return createEngineer({
        server,
        backend,
        keychain,
        state,
        lock,
        clock,
        processes,
        authorization,
        sessions: session,
      });
    },
    sweep: () => sweep(sweepParts),
    reap: () => reap({ ...sweepParts, lock }),
    serve: async (options) => (await import('./compose/serve.ts')).serve({ ...options, world, environment }),
    quickstart: async (options) =>
      (await import('./compose/quickstart.ts')).quickstart({
        ...options,
        world,
        environment,
        jitPath: process.argv[1] ?? '',
      }),
  };
  return { world, isStuck: () => opened.some((keychain) => keychain.isStuck()) };
}

type Config = Awaited<ReturnType<ServerSettings['readConfig']>>;

function findProfileName(config: Config, server: string): string {
  const known = Object.entries(config.profiles).find(([, profile]) => profile.server === server);
  return known?.[0] ?? config.defaultProfile ?? 'default';
}

/** What the environment says, else the server's profile; undefined is the operating system's. */
async function findKeychainChoice(
  settings: ServerSettings,
  server: string,
): Promise<'os' | 'file' | undefined> {
  const { JIT_KEYCHAIN: named } = settings.environment;
  if (named === 'os' || named === 'file') return named;
  const config = await settings.readConfig();
  return Object.values(config.profiles).find((profile) => profile.server === server)?.keychain;
}
