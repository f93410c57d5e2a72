import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type SampleDatabase, startSampleDatabase } from '../../adapters/sample-database/start.ts';
import { type SampleService, startSampleService } from '../../adapters/sample-service.ts';
import { defaultServerConfig } from '../../core/config/default.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { Secret } from '../../core/secret.ts';
import { type RunningServer, startServer } from '../../server/compose.ts';
import { makePin } from '../../server/oauth/login/development-identity.ts';
import { findSamplePolicies } from '../serve.ts';

export type StageOptions = {
  /** Kept by whoever asks for it. */
  readonly folder: string;
  readonly port: number;
  readonly databasePort?: number | undefined;
  readonly clock: Clock;
  readonly timeZone: string;
  readonly searchPath: string | undefined;
  readonly log: (line: string) => void;
  readonly onError: (error: unknown) => void;
};

/** Server, sample database and sample service, running. */
export type Stage = {
  readonly server: RunningServer;
  readonly pin: Secret;
  /** Undefined where no PostgreSQL is installed. */
  readonly database: SampleDatabase | undefined;
  readonly service: SampleService;
  readonly stop: () => Promise<void>;
};

const SERVICE = { name: 'orders-api', scope: 'prod:api.read' } as const;

/** Starts all parts; whatever did start is stopped again when one does not. */
export async function setStage(options: StageOptions): Promise<Stage> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const database = await startDatabase(options);
    if (database) stops.push(() => database.stop());
    const secret = new Secret(randomBytes(24).toString('base64url'));
    const pin = makePin();
    const server = await startApproval(options, { database, secret, pin });
    stops.push(() => server.stop());
    const service = await startSampleService({ ...SERVICE, server: server.url, secret });
    stops.push(() => service.stop());
    return { server, pin, database, service, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startDatabase(options: StageOptions): Promise<SampleDatabase | undefined> {
  const { databasePort: port, searchPath, log } = options;
  return startSampleDatabase({ folder: findDatabaseFolder(options.folder), port, searchPath, log });
}

/** Of the sample database, in the stage's folder. */
export function findDatabaseFolder(folder: string): string {
  return join(folder, 'postgres');
}

type Approval = {
  readonly database: SampleDatabase | undefined;
  readonly secret: Secret;
  readonly pin: Secret;
};

async function startApproval(
  options: StageOptions,
  { database, secret, pin }: Approval,
): Promise<RunningServer> {
  const dataFolder = join(options.folder, 'server');
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const config = defaultServerConfig({
    dataFolder,
    port: options.port,
    timeZone: options.timeZone,
    ordersApiSecret: secret,
    ...(database ? { ordersUrl: database.adminUrl } : {}),
  });
  return startServer({
    config,
    pin,
    clock: options.clock,
    samplePoliciesFolder: findSamplePolicies(),
    log: ({ error }) => error !== undefined && options.onError(error),
  });
}

/** A port on loopback that nothing listens on: the wished one where it is free. */
export async function findFreePort(wished = 0): Promise<number> {
  const found = await tryPort(wished);
  return found ?? (await tryPort(0)) ?? wished;
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}
