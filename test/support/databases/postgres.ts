import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type ClientConfig } from 'pg';
import { createSystemClock } from '../../../src/adapters/clock.ts';
import type { ServerKind } from '../../../src/adapters/sample-database/server-files.ts';
import { type SampleDatabase, startSampleDatabase } from '../../../src/adapters/sample-database/start.ts';
import type { Credential } from '../../../src/core/credential.ts';
import type { Clock } from '../../../src/core/ports/clock.ts';

export type TestRow = Readonly<Record<string, unknown>>;

/** A private server with the sample database, its superuser at hand. */
export type TestServer = SampleDatabase & {
  /** Runs one statement as the superuser. */
  sql(statement: string, database?: string): Promise<readonly TestRow[]>;
};

/** Time as it passes: these tests wait for a real server. */
export const realClock: Clock = createSystemClock();

/**
 * Starts a server of this kind in a temporary folder; undefined, and a line that says so, where there is none.
 * With JIT_TEST_NO_SKIP=1 a missing server is an error.
 */
export async function startTestServer(
  kind: ServerKind,
  settings: Readonly<Record<string, string>> = {},
): Promise<TestServer | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'jit-test-postgres-'));
  await chmod(folder, 0o711);
  const database = await startSampleDatabase({
    folder: join(folder, 'server'),
    kinds: [kind],
    searchPath: process.env.PATH ?? '',
    settings: { fsync: 'off', max_prepared_transactions: '5', ...settings },
  });
  if (!database) return skip(kind, folder);
  return {
    ...database,
    sql: (statement, name = 'orders') =>
      query({ ...socketConfig(database), user: 'postgres', database: name }, statement),
    stop: async () => {
      await database.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function skip(kind: ServerKind, folder: string): Promise<undefined> {
  await rm(folder, { recursive: true, force: true });
  const line = `no ${kind} PostgreSQL on this machine`;
  if (process.env.JIT_TEST_NO_SKIP === '1') throw new Error(line);
  process.stderr.write(`skipped: ${line}\n`);
  return undefined;
}

function socketConfig(database: SampleDatabase): ClientConfig {
  return { host: database.superuser.socketFolder, port: database.superuser.port };
}

async function query(config: ClientConfig, statement: string): Promise<readonly TestRow[]> {
  const client = new Client(config);
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<TestRow>(statement)).rows;
  } finally {
    await client.end();
  }
}

/** A session as an engineer has one. `closed` settles when either side ended it. */
export type EngineerSession = {
  readonly closed: Promise<void>;
  sql(statement: string): Promise<readonly TestRow[]>;
  close(): Promise<void>;
};

/** Logs in with what `issue` returned; rejects when the server refuses. */
export async function logIn(credential: Credential, database?: string): Promise<EngineerSession> {
  const { PGHOST, PGPORT, PGDATABASE, PGUSER } = credential.environment;
  const client = new Client({
    host: PGHOST,
    port: Number(PGPORT),
    database: database ?? PGDATABASE,
    user: PGUSER,
    password: credential.secretFiles[0]?.instead.value.reveal(),
  });
  client.on('error', () => {});
  const closed = new Promise<void>((resolve) => client.once('end', () => resolve()));
  await client.connect();
  return {
    closed,
    sql: async (statement) => (await client.query<TestRow>(statement)).rows,
    close: () => client.end(),
  };
}
