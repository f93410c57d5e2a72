import type { ServerKind } from '../../../src/adapters/sample-database/server-files.ts';
import type { OpenStore } from '../../../src/adapters/store/opened.ts';
import { openPostgresStore } from '../../../src/adapters/store/postgres/open.ts';
import type { PostgresAddress } from '../../../src/adapters/store/postgres/pool.ts';
import { Secret } from '../../../src/core/secret.ts';
import { startTestServer, type TestServer } from './postgres.ts';

/** A PostgreSQL server with any number of empty databases for stores; each is a copy of one that is migrated. */
export type TestStores = {
  readonly server: TestServer;
  /** A database with the tables in it, and nothing in them. */
  makeDatabase(): Promise<PostgresAddress>;
  /** One without any table. */
  makeBareDatabase(): Promise<PostgresAddress>;
  /** Makes it as it was when it was made. Faster than another one. */
  clear(address: PostgresAddress): Promise<void>;
  /** A store in a database of its own. */
  open(): Promise<OpenStore>;
  stop(): Promise<void>;
};

const CLEAR = `do $$ begin execute (
  select 'truncate ' || string_agg(quote_ident(tablename), ', ') || ' restart identity' from pg_tables
  where schemaname = 'public' and tablename not like 'schema\\_%'); end $$`;

/** Undefined, with a line that says so, where there is no such server; with JIT_TEST_NO_SKIP=1 an error. */
export async function startTestStores(
  kind: ServerKind,
  settings: Readonly<Record<string, string>> = {},
): Promise<TestStores | undefined> {
  const server = await startTestServer(kind, { max_connections: '300', ...settings });
  if (!server) return undefined;
  let made = 0;
  const make = async (template: string): Promise<PostgresAddress> => {
    made += 1;
    const database = `store_${made}`;
    await server.sql(`create database ${database} owner jit_admin template ${template}`, 'postgres');
    return { ...readAddress(server), database };
  };
  const template = await make('template1');
  await (await openPostgresStore({ address: template })).close();
  const makeDatabase = () => make(template.database);
  return {
    server,
    makeDatabase,
    makeBareDatabase: () => make('template1'),
    clear: async ({ database }) => {
      await server.sql(CLEAR, database);
    },
    open: async () => openPostgresStore({ address: await makeDatabase() }),
    stop: () => server.stop(),
  };
}

/** As a URL, for a configuration. */
export function buildStoreUrl({ host, port, database, user, password }: PostgresAddress): string {
  return `postgres://${user}:${password?.reveal() ?? ''}@${host}:${port}/${database}`;
}

function readAddress(server: TestServer): Omit<PostgresAddress, 'database'> {
  const url = new URL(server.adminUrl.reveal());
  const { hostname: host, port, username: user, password } = url;
  return { host, port: Number(port), user, password: new Secret(password), ssl: false };
}
