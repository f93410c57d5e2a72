import type { World } from '../../../src/cli/world.ts';
import { createEngineer } from '../../../src/client/engineer.ts';
import type { LoginParts } from '../../../src/client/login.ts';
import { type ClientConfig, EMPTY_CLIENT_CONFIG } from '../../../src/core/client-config.ts';
import { Secret } from '../../../src/core/secret.ts';
import { createTestBrowser } from '../browsers/test-browser.ts';
import { createTestParts, SERVER, type TestParts, type TestPartsOptions } from './client-parts.ts';
import { buildSession } from './fake-authorization.ts';
import { type Answer, createTestTerminal, type TestTerminal } from './test-terminal.ts';

export type TestWorld = World & {
  readonly terminal: TestTerminal;
  readonly parts: TestParts;
  /** How often somebody logged in. */
  readonly logins: () => number;
  readonly config: () => ClientConfig;
  /** Ctrl-C. */
  interruptNow(): void;
};

export type TestWorldOptions = TestPartsOptions & {
  readonly interactive?: boolean;
  readonly answers?: readonly Answer[];
  readonly config?: ClientConfig;
  readonly reachServer?: World['reachServer'];
  readonly reconcile?: World['reconcile'];
  readonly listServerKeys?: World['listServerKeys'];
  readonly rotateServerKeys?: World['rotateServerKeys'];
  readonly serverStore?: Partial<World['serverStore']>;
  /** Shows a message outside of the terminal; without it there is no desktop. */
  readonly desktop?: (text: string) => boolean;
};

/** The commands' world in memory, over the fakes of the client's parts. */
export function createTestWorld(options: TestWorldOptions = {}): TestWorld {
  const parts = createTestParts(options);
  const { interactive = false, answers = [] } = options;
  const terminal = createTestTerminal({ interactive, answers });
  const interrupting = new AbortController();
  let logins = 0;
  let config = options.config ?? EMPTY_CLIENT_CONFIG;
  const loginParts: LoginParts = {
    ...parts,
    authorization: {
      deviceLogin: async ({ show }) => {
        show({
          userCode: 'BCDF-GHJK',
          verificationUri: `${SERVER}/device`,
          verificationUriComplete: null,
          expiresInSeconds: 600,
        });
        logins += 1;
        return buildSession({ server: SERVER });
      },
      browserLogin: () => Promise.reject(new Error('nobody logs in with a browser here')),
      workloadLogin: () => Promise.reject(new Error('no workload logs in here')),
      refresh: async (session) => session,
      revoke: async () => undefined,
    },
    signProof: async ({ token }) => ({
      proof: new Secret(`proof for ${token.reveal()}`),
      thumbprint: 'none',
    }),
    sessions: {
      store: async () => undefined,
      read: async () => buildSession(),
      peek: async () => buildSession(),
      clear: async () => true,
    },
  };
  const held: (() => void)[] = [];
  const hold: World['interrupt']['hold'] = () => ({
    nextSignal: () => new Promise((resolve) => held.push(resolve)),
    release: () => undefined,
  });
  const unused = (name: string) => () => Promise.reject(new Error(`${name} is not part of this test`));
  return {
    version: '1.2.3',
    terminal,
    parts,
    logins: () => logins,
    config: () => config,
    interruptNow: () => {
      interrupting.abort();
      for (const tell of held.splice(0)) tell();
    },
    clock: parts.clock,
    timeZone: 'Europe/Rome',
    processes: parts.processes,
    browser: createTestBrowser(),
    desktop: { show: async ({ text }) => options.desktop?.(text) ?? false },
    folders: { config: '/config', state: '/state', data: '/data' },
    state: parts.state,
    interrupt: { signal: interrupting.signal, release: () => undefined, hold },
    newKey: () => 'key-1',
    readConfig: async () => config,
    writeConfig: async (changed) => {
      config = changed;
    },
    findServer: async ({ server }) => server ?? SERVER,
    reachServer: options.reachServer ?? (async ({ server }) => server ?? SERVER),
    connect: async () => createEngineer(loginParts),
    openSsh: unused('openSsh'),
    openKeychain: async () => parts.keychain,
    chooseFileKeychain: async () => undefined,
    reap: async () => undefined,
    sweep: async () => 0,
    serve: unused('serve'),
    reconcile: options.reconcile ?? unused('reconcile'),
    listServerKeys: options.listServerKeys ?? unused('listServerKeys'),
    rotateServerKeys: options.rotateServerKeys ?? unused('rotateServerKeys'),
    serverStore: {
      backUp: unused('backUp'),
      restore: unused('restore'),
      confirm: unused('confirm'),
      quarantine: unused('quarantine'),
      migrate: unused('migrate'),
      ...options.serverStore,
    },
    quickstart: unused('quickstart'),
    checkPlugin: unused('checkPlugin'),
  };
}
