import type { ConnectionOptions } from 'node:tls';
import { Pool, type PoolConfig, types } from 'pg';
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

const CONNECTIONS = 10;
const CONNECT_MS = 5_000;
const STATEMENT_MS = 10_000;
const LOCK_MS = 5_000;
/** A little more than the server's own limit: this one is for a server, or a network, that says nothing at all. */
const ANSWER_MS = 15_000;
const KEEP_ALIVE_MS = 10_000;
const BIGINT = 20;

/** What every connection to the store has in common. */
export function buildConnection(address: PostgresAddress): PoolConfig {
  const { host, port, database, user, password, ssl } = address;
  return {
    ...{ host, port, database, user, ssl, password: password?.reveal() },
    application_name: 'jit store',
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    lock_timeout: LOCK_MS,
    idle_in_transaction_session_timeout: STATEMENT_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    types: { getTypeParser },
  };
}

/** Connections for queries. */
export function createPool(address: PostgresAddress): Pool {
  const pool = new Pool({ ...buildConnection(address), max: CONNECTIONS });
  // An idle connection that broke is gone from the pool already; the next query opens another.
  pool.on('error', () => {});
  // While somebody has it, whoever waits for an answer is told; an event that nobody hears would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
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
