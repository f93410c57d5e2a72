import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServerBackend } from '../../src/adapters/backends/server.ts';
import { createSystemClock } from '../../src/adapters/clock.ts';
import { createFormBrowser } from '../../src/adapters/form-browser.ts';
import { createAuthorization } from '../../src/adapters/oauth/authorization.ts';
import { createHttp } from '../../src/adapters/oauth/http.ts';
import { defaultServerConfig } from '../../src/core/config/default.ts';
import type { ServerConfig } from '../../src/core/config.ts';
import type { ApprovalBackend } from '../../src/core/ports/backend.ts';
import type { StoredSession } from '../../src/core/ports/session.ts';
import { Secret } from '../../src/core/secret.ts';
import { type RunningServer, type ServerOptions, startServer } from '../../src/server/compose.ts';

export const SERVICE_SECRET = new Secret('the secret of the sample service');
const PIN = new Secret('314159');

/** Somebody who is logged in: the backend as the CLI uses it, and the session for what must be sent by hand. */
export type Someone = { readonly backend: ApprovalBackend; readonly session: StoredSession };

export type JitServer = AsyncDisposable & {
  readonly url: string;
  readonly errors: readonly unknown[];
  /** What it was started with. */
  readonly config: ServerConfig;
  readonly reload: RunningServer['reload'];
  logIn(user: string): Promise<Someone>;
};

export type JitServerOptions = {
  readonly config?: Partial<ServerConfig>;
  readonly decorate?: ServerOptions['decorate'];
  readonly patience?: ServerOptions['patience'];
};

/** The whole approval server in this process, on a free port, with a store of its own and the `token` target. */
export async function startJitServer(options: JitServerOptions = {}): Promise<JitServer> {
  const folder = await mkdtemp(join(tmpdir(), 'jit-test-server-'));
  const errors: unknown[] = [];
  const embedded = defaultServerConfig({
    dataFolder: folder,
    timeZone: 'Europe/Rome',
    port: await findPort(),
    ordersApiSecret: SERVICE_SECRET,
  });
  const config = { ...embedded, ...options.config };
  const server = await startServer({
    config,
    clock: createSystemClock(),
    samplePoliciesFolder: join(import.meta.dirname, '../../examples/policies'),
    pin: PIN,
    onError: (error) => errors.push(error),
    ...(options.decorate ? { decorate: options.decorate } : {}),
    ...(options.patience ? { patience: options.patience } : {}),
  });
  return {
    url: server.url,
    config,
    reload: server.reload,
    errors,
    logIn: (user) => logIn(server.url, { user }),
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type Person = { readonly user: string; readonly pin?: string };

/** A device login, with the code confirmed in the page. */
export function logIn(server: string, person: Person): Promise<Someone> {
  return logInWith(server, (userCode) => confirmLogin(server, userCode, person));
}

/** A device login, with the code confirmed in whatever way. */
export async function logInWith(
  server: string,
  confirmIt: (userCode: string) => Promise<void>,
): Promise<Someone> {
  const http = createHttp();
  let confirmed: Promise<void> | undefined;
  let skippedMs = 0;
  const system = createSystemClock();
  // Instead of the interval it waits for the confirmation: the first poll brings the session.
  const sleep = async (ms: number): Promise<void> => {
    await confirmed;
    skippedMs += ms;
  };
  const clock = { ...system, sleep, monotonicMs: () => system.monotonicMs() + skippedMs };
  const authorization = createAuthorization({ server, clock, http, clientId: 'jit-cli' });
  const session = await authorization.deviceLogin({
    hostName: 'laptop',
    purpose: 'tests',
    signal: new AbortController().signal,
    show: (prompt) => {
      confirmed = confirmIt(prompt.userCode);
    },
  });
  const source = { read: async () => session, renew: async () => session };
  return {
    session,
    backend: createServerBackend({ server, http, session: source, clock: createSystemClock() }),
  };
}

/** Confirms a device code in the page, as a person who types the PIN. */
export async function confirmLogin(server: string, userCode: string, person: Person): Promise<void> {
  const browser = createFormBrowser();
  const page = await browser.get(`${server}/device?user_code=${userCode}`);
  const question = await browser.submit(page, { user: person.user, pin: person.pin ?? PIN.reveal() });
  await browser.submit(question, { decision: 'approve' });
}

function findPort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
