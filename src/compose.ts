import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { createSystemClock } from './adapters/clock.ts';
import { findFolders } from './adapters/config-file/folders.ts';
import { createProcesses } from './adapters/process/processes.ts';
import { createSteadyClock, readLinuxBoot } from './adapters/steady-clock.ts';
import { createStandardStreams } from './adapters/terminal/standard-streams.ts';
import { createTerminal } from './adapters/terminal/terminal.ts';
import type { Interrupt, World } from './cli/world.ts';
import { findBackend, findIgnored, findServer, type ServerSettings } from './compose/find-server.ts';
import { createKeychains } from './compose/keychains.ts';
import { openMachine } from './compose/machine.ts';
import { createPassphrase } from './compose/passphrase.ts';
import type { PluginParts } from './compose/plugin-online.ts';
import { type ClientConfig, nameProfile } from './core/client-config.ts';
import { fail } from './core/errors.ts';
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
  /** What kept the output from being written. A reader that went away is nothing of the kind. */
  readonly readLost: () => Promise<NodeJS.ErrnoException | undefined>;
  /** Ends the programs that jit started for itself. Never rejects. */
  readonly close: () => Promise<void>;
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
  let lost: NodeJS.ErrnoException | undefined;
  const terminal = await createTerminal(streams, (error) => {
    lost = error;
  });
  const processes = createProcesses({ environment, jitPath });
  const { lock, state, configFile, browser, desktop } = openMachine({
    environment,
    platform,
    folders,
    clock,
  });
  const settings: ServerSettings = { environment, readConfig: configFile.read };
  const passphrase = createPassphrase({ environment, terminal });
  let isLogStuck = false;
  const onStuck = (): void => {
    isLogStuck = true;
  };
  const unattended = createPassphrase({
    environment,
    terminal: { interactive: false, password: terminal.password },
  });
  const keychains = createKeychains({ settings, stateFolder: folders.state, passphrase });
  const sweepParts = { state, clock, lock, openKeychain: keychains.openFor };

  const closers: (() => Promise<void>)[] = [];
  const plugins: PluginParts = {
    version,
    environment,
    folders,
    tell: terminal.tell,
    onOpen: (close) => closers.push(close),
    signal: interrupt.signal,
  };

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
    reachServer: async (choice) => {
      const server = await findServer(settings, choice);
      if (await findBackend(settings, server)) return `${server}, asked with the session`;
      await (await import('./compose/reach-server.ts')).reachServer(server, clock);
      return server;
    },
    openKeychain: keychains.openFor,
    chooseFileKeychain: async (server) => configFile.write(withFileKeychain(await configFile.read(), server)),
    connect: async (wanted) => {
      const server = await findServer(settings, wanted);
      const ignored = wanted.isUnattended ? undefined : findIgnored(environment, { choice: wanted, server });
      if (ignored !== undefined)
        terminal.tell(
          `jit: the profile's server is asked, ${server}; JIT_SERVER (${ignored}) is for where there is none`,
        );
      await sweep();
      const keychain = await keychains.openFor(server, wanted.isUnattended ? unattended : passphrase);
      const { connect } = await import('./compose/connect.ts');
      const choice = await findBackend(settings, server);
      return connect({
        server,
        choice,
        plugins,
        keychain,
        state,
        lock,
        clock,
        processes,
        hear: clock.hear,
        openPage: (address) => void browser.open(address),
        patienceMs: wanted.patienceMs,
      });
    },
    openSsh: async (wanted) => {
      const server = await findServer(settings, wanted);
      if (await findBackend(settings, server))
        throw fail('not_offered', { address: server, what: 'certificates for ssh' });
      const keychain = await keychains.openFor(server, wanted.isUnattended ? unattended : passphrase);
      const { openSsh } = await import('./compose/ssh.ts');
      return openSsh({
        server,
        keychain,
        state,
        lock,
        clock,
        stateFolder: folders.state,
        hostName: processes.hostName,
        onServerTime: clock.hear,
      });
    },
    sweep,
    reap: async () => (await import('./client/reaper.ts')).reap({ ...sweepParts, lock }),
    serve: async (order) =>
      (await import('./compose/serve.ts')).serve({ ...order, world, environment, onStuck }),
    reconcile: async (order) =>
      (await import('./compose/serve/reconcile.ts')).reconcileTargets({ ...order, world, environment }),
    listServerKeys: async (order) =>
      (await import('./compose/serve/keys.ts')).listServerKeys({ ...order, world, environment }),
    rotateServerKeys: async (order) =>
      (await import('./compose/serve/keys.ts')).rotateServerKeys({ ...order, world, environment }),
    serverStore: {
      backUp: async (order) =>
        (await import('./compose/serve/store-keeping.ts')).backUp({ ...order, world, environment }),
      restore: async (order) =>
        (await import('./compose/serve/store-keeping.ts')).restore({ ...order, world, environment }),
      quarantine: async (order) =>
        (await import('./compose/serve/store-keeping.ts')).quarantine({ ...order, world, environment }),
      confirm: async (order) =>
        (await import('./compose/serve/store-keeping.ts')).confirm({ ...order, world, environment }),
      migrate: async (order) =>
        (await import('./compose/serve/store-keeping.ts')).migrateTables({ ...order, world, environment }),
    },
    checkPlugin: async (order) => {
      const { checkPlugin } = await import('./compose/plugin-check.ts');
      return checkPlugin({ ...plugins, readConfig: configFile.read, folder: process.cwd() }, order);
    },
    quickstart: async (order) =>
      (await import('./compose/quickstart.ts')).quickstart({ ...order, world, environment, jitPath }),
  };
  const close = async (): Promise<void> => {
    await Promise.all(closers.splice(0).map((end) => end()));
  };
  const readLost = async (): Promise<NodeJS.ErrnoException | undefined> => {
    // A stream says so a moment after it was written to.
    if (streams.opened().length > 0) await new Promise((resolve) => setImmediate(resolve));
    return lost?.code === 'EPIPE' ? undefined : lost;
  };
  const isStuck = (): boolean => isLogStuck || keychains.isStuck();
  return { world, isStuck, listOpened: streams.opened, readLost, close };
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
