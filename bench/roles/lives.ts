import { Client } from 'pg';
import { openPostgresConnector } from '../../src/adapters/connectors/postgres/open.ts';
import { buildVerifier, createPassword } from '../../src/adapters/connectors/postgres/scram.ts';
import type { SampleDatabase } from '../../src/adapters/sample-database/start.ts';
import type { Credential } from '../../src/core/credential.ts';
import type { Clock } from '../../src/core/ports/clock.ts';
import { Secret } from '../../src/core/secret.ts';

const LIVES = 60;

type Life = (worker: number) => Promise<void>;
type Contestant = { readonly live: Life; close(): Promise<void> };

const clock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

let names = 0;

function nextId(): string {
  names += 1;
  return String(names).padStart(26, '0');
}

async function logIn(login: { readonly user: string; readonly password: Secret; readonly port: number }) {
  const { user, password, port } = login;
  const client = new Client({
    host: '127.0.0.1',
    port,
    database: 'orders',
    user,
    password: password.reveal(),
  });
  client.on('error', () => {});
  await client.connect();
}

/** The steps of a life, one statement each, by somebody who trusts that all goes well. */
async function liveInSql(client: Client, port: number): Promise<void> {
  const user = `raw_${nextId()}`;
  const password = createPassword();
  const sessions = `SELECT pid FROM pg_stat_activity WHERE usename = '${user}'`;
  const verifier = await buildVerifier(password);
  await client.query(`CREATE ROLE ${user} LOGIN PASSWORD '${verifier}' VALID UNTIL '2099-01-01'`);
  await client.query(`GRANT orders_reader TO ${user}`);
  await logIn({ user, password, port });
  await client.query(`ALTER ROLE ${user} NOLOGIN`);
  await client.query(`GRANT ${user} TO CURRENT_USER`);
  await client.query(`SELECT pg_terminate_backend(pid) FROM (${sessions}) AS live`);
  while ((await client.query(sessions)).rowCount !== 0);
  await client.query(`REASSIGN OWNED BY ${user} TO orders_reader`);
  await client.query(`DROP OWNED BY ${user}`);
  await client.query(`DROP ROLE ${user}`);
  await client.query(`SELECT FROM pg_roles WHERE rolname = '${user}'`);
}

async function openSql(database: SampleDatabase, connections: number): Promise<Contestant> {
  const url = database.adminUrl.reveal();
  const clients = Array.from({ length: connections }, () => new Client(url));
  for (const client of clients) await client.connect();
  return {
    live: (worker) => liveInSql(clients[worker] ?? new Client(url), database.port),
    close: async () => {
      for (const client of clients) await client.end();
    },
  };
}

function openJit(database: SampleDatabase, connections: number): Contestant {
  const scopes = ['prod:db.read'];
  const connector = openPostgresConnector({
    name: 'orders',
    url: database.adminUrl,
    memberOf: { 'prod:db.read': ['orders_reader'] },
    installation: 'benchmrk',
    clock,
    readSecret: async (_, make) => make(),
    replaceSecret: async () => false,
    poolSize: connections,
  });
  const live = async (): Promise<void> => {
    const handle = connector.plan(`gr_${nextId()}`);
    const deadlineAt = clock.now() + 30_000;
    const credential = await connector.issue({ handle, scopes, expiresAt: deadlineAt, deadlineAt });
    await logIn({ user: handle, password: readPassword(credential), port: database.port });
    await connector.remove(handle, { scopes, deadlineAt });
  };
  return { live, close: () => connector.close() };
}

function readPassword(credential: Credential): Secret {
  return credential.secretFiles[0]?.instead.value ?? new Secret('');
}

/** Lives a second. */
async function measure(connections: number, live: Life): Promise<number> {
  const began = performance.now();
  const workers = Array.from({ length: connections }, async (_, worker) => {
    for (let count = 0; count < LIVES / connections; count += 1) await live(worker);
  });
  await Promise.all(workers);
  return LIVES / ((performance.now() - began) / 1000);
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

/** Lives a second, and jit's share of what bare SQL does: medians. */
export type Comparison = { readonly jit: number; readonly sql: number; readonly ratio: number };

/**
 * The full life of a role (made, logged in, its session seen closed, dropped, looked for) through the connector and
 * as the same steps in bare SQL, in turns.
 */
export async function compareLives(
  database: SampleDatabase,
  { connections, rounds }: { readonly connections: number; readonly rounds: number },
): Promise<Comparison> {
  const sql = await openSql(database, connections);
  const jit = openJit(database, connections);
  const figures: { readonly sql: number; readonly jit: number }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const figure = { sql: await measure(connections, sql.live), jit: await measure(connections, jit.live) };
    if (round > 0) figures.push(figure);
  }
  await sql.close();
  await jit.close();
  return {
    jit: median(figures.map((one) => one.jit)),
    sql: median(figures.map((one) => one.sql)),
    ratio: median(figures.map((one) => one.jit / one.sql)),
  };
}
