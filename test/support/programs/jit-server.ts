import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystemClock } from '../../../src/adapters/clock.ts';
import { defaultServerConfig } from '../../../src/core/config/default.ts';
import type { ServerConfig } from '../../../src/core/config.ts';
import { Secret } from '../../../src/core/secret.ts';
import { type RunningServer, type ServerOptions, startServer } from '../../../src/server/compose.ts';
import { logIn, type Someone, TEST_PIN } from './log-in.ts';

export { confirmLogin, logIn, logInWith, type Person, type Someone } from './log-in.ts';

export const SERVICE_SECRET = new Secret('the secret of the sample service');

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
  readonly keysReadAgainMs?: number;
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
    samplePoliciesFolder: join(import.meta.dirname, '../../../examples/policies'),
    pin: TEST_PIN,
    log: ({ error }) => error !== undefined && errors.push(error),
    ...(options.decorate ? { decorate: options.decorate } : {}),
    ...(options.patience ? { patience: options.patience } : {}),
    ...(options.keysReadAgainMs ? { keysReadAgainMs: options.keysReadAgainMs } : {}),
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

function findPort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
