import type { ConnectionOptions } from 'node:tls';
import { Pool, type PoolClient, type PoolConfig, types } from 'pg';
import type { Secret } from '../../../core/secret.ts';

/** Where the database is, and how connections to it are protected. `host` may be a socket's folder. */
export type PostgresAddress = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Undefined: what PGPASSWORD says. */
  readonly password: Secret | undefined;
  readonly ssl: ConnectionOptions | false;
};

/** What a connection is for: a server answers soon or not at all; copying and changing the tables takes as long as it takes. */
export type Use = 'serving' | 'keeping';

const CONNECTIONS = 10;
const CONNECT_MS = 5_000;
const STATEMENT_MS = 10_000;
const LONGEST_KEEPING_MS = 3_600_000;
const LOCK_MS = 5_000;
/** A little more than the server's own limit: this one is for a server, or a network, that says nothing at all. */
const ANSWER_MS = 15_000;
const KEEP_ALIVE_MS = 10_000;
const BIGINT = 20;

/** What every connection to the store has in common. Locks are never waited for long: others queue up behind who waits. */
export function buildConnection(address: PostgresAddress, use: Use = 'serving'): PoolConfig {
  const { host, port, database, user, password, ssl } = address;
  const statementMs = use === 'serving' ? STATEMENT_MS : LONGEST_KEEPING_MS;
  return {
    ...{ host, port, database, user, ssl, password: password?.reveal() },
    application_name: 'jit store',
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: statementMs,
    lock_timeout: LOCK_MS,
    idle_in_transaction_session_timeout: statementMs,
    query_timeout: use === 'serving' ? ANSWER_MS : LONGEST_KEEPING_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    types: { getTypeParser },
  };
}

/** Connections for queries. */
export function createPool(address: PostgresAddress, use: Use = 'serving'): Pool {
  const pool = new Pool({ ...buildConnection(address, use), max: CONNECTIONS });
  // An idle connection that broke is gone from the pool already; the next query opens another.
  pool.on('error', () => {});
  // While somebody has it, whoever waits for an answer is told; an event that nobody hears would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** Without the user and the password. */
export function describeAddress({ host, port, database }: PostgresAddress): string {
  return `postgres://${host}:${port}/${database}`;
}

/** What a server wants of a connection: after a failover the address may lead to a copy that only reads. */
export async function requireWritable(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ readonly is: string }>('select current_setting($1) as is', [
    'transaction_read_only',
  ]);
  if (rows[0]?.is !== 'off') throw new Error('the database only reads');
}

// All bigints of the tables are instants, numbers of seconds and positions.
function getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  return oid === BIGINT
    ? parseBigint
    : (types.getTypeParser(oid, format as 'text') as (text: string) => unknown);
}

function parseBigint(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is too large a number`);
  return value;
}
