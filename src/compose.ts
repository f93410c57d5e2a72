import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { createSystemClock } from './adapters/clock.ts';
import { findFolders } from './adapters/config-file/folders.ts';
import { createProcesses } from './adapters/process/processes.ts';
import { createSteadyClock, readLinuxBoot } from './adapters/steady-clock.ts';
import { createStandardStreams } from './adapters/terminal/standard-streams.ts';
import { createTerminal } from './adapters/terminal/terminal.ts';
import type { Interrupt, World } from './cli/world.ts';
import { findServer, type ServerSettings } from './compose/find-server.ts';
import { createKeychains } from './compose/keychains.ts';
import { openMachine } from './compose/machine.ts';
import { createPassphrase } from './compose/passphrase.ts';
import { type ClientConfig, nameProfile } from './core/client-config.ts';
import { LOCAL_ZONE } from './core/time.ts';

export type WorldOptions = {
  readonly process: NodeJS.Process;
  readonly interrupt: Interrupt;
  readonly version: string;
};

export type ProgramWorld = {
  readonly world: World;
  readonly isStuck: () => boolean;
  /** The output streams that were opened: to be flushed before leaving. */
  readonly listOpened: () => readonly Writable[];
};

/**
 * The real world of the client: every adapter is chosen here. What most commands can do without is loaded when it is
 * first used, because loading is what a command's start costs.
 */
export async function composeWorld(options: WorldOptions): Promise<ProgramWorld> {
  const { process, interrupt, version } = options;
  const { env: environment, platform } = process;
  const jitPath = process.argv[1] ?? '';
  const folders = findFolders(environment, platform);
  const clock = createSteadyClock({
    path: join(folders.state, 'clock.json'),
    wall: createSystemClock(),
    readBoot: readLinuxBoot,
  });
  const streams = createStandardStreams(process, environment);
  const terminal = await createTerminal(streams);
  const processes = createProcesses({ environment, jitPath });
  const { lock, state, configFile, browser, desktop } = openMachine({
    environment,
    platform,
    folders,
    clock,
  });
  const settings: ServerSettings = { environment, readConfig: configFile.read };
  const passphrase = createPassphrase({ environment, terminal });
  const keychains = createKeychains({ settings, stateFolder: folders.state, passphrase });
  const sweepParts = { state, clock, openKeychain: keychains.openFor };

  const sweep = async (): Promise<number> => (await import('./client/held.ts')).sweep(sweepParts);
  const world: World = {
    version,
    terminal,
    clock,
    timeZone: LOCAL_ZONE,
    processes,
    browser,
    desktop,
    folders,
    state,
    interrupt,
    newKey: () => crypto.randomUUID(),
    readConfig: configFile.read,
    writeConfig: configFile.write,
    findServer: (choice) => findServer(settings, choice),
    openKeychain: keychains.openFor,
    chooseFileKeychain: async (server) => configFile.write(withFileKeychain(await configFile.read(), server)),
    connect: async (choice) => {
      const server = await findServer(settings, choice);
      await sweep();
      const keychain = await keychains.openFor(server);
      const { connect } = await import('./compose/connect.ts');
      return connect({ server, keychain, state, lock, clock, processes, hear: clock.hear });
    },
    sweep,
    reap: async () => (await import('./client/reaper.ts')).reap({ ...sweepParts, lock }),
    serve: async (order) => (await import('./compose/serve.ts')).serve({ ...order, world, environment }),
    quickstart: async (order) =>
      (await import('./compose/quickstart.ts')).quickstart({ ...order, world, environment, jitPath }),
  };
  return { world, isStuck: keychains.isStuck, listOpened: streams.opened };
}

function withFileKeychain(config: ClientConfig, server: string): ClientConfig {
  const name = nameProfile(config, server);
  const profile = { ...config.profiles[name], server, keychain: 'file' as const };
  return {
    ...config,
    defaultProfile: config.defaultProfile ?? name,
    profiles: { ...config.profiles, [name]: profile },
  };
}
