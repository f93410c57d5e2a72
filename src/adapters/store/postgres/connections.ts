import type { CompiledQuery } from 'kysely';
import type { Pool, PoolClient, QueryResult } from 'pg';
import { fail } from '../../../core/errors.ts';
import { type BatchAnswer, sendBatch } from './batch.ts';
import { isConnectionGood, isPlanStale, isTooLate, toStoreFailure, toUnreachable } from './failure.ts';
import { type Read, type ReadFailure, ReadQueue, type Row, type RowsAnswer } from './read-queue.ts';
import { createRowDecoder } from './rows.ts';
import { createStatements, type Statements } from './statements.ts';

/** One connection, for whoever has it at the moment. */
export type Connection = {
  /** Errors of the connection are `store_unreachable`; the server's word on the statement is thrown as it is. */
  query(text: string, values: readonly unknown[]): Promise<QueryResult>;
  /** Many at once, in their order up to the first that fails. */
  send(queries: readonly Pick<CompiledQuery, 'sql' | 'parameters'>[]): Promise<BatchAnswer>;
  sendReads(reads: readonly Read[]): Promise<RowsAnswer>;
  /** Gives it back; one that broke, or that is not wanted any more, is closed. */
  release(isUnwanted?: boolean): void;
};

type Query = { readonly text: string; readonly values: readonly unknown[]; readonly isAlone: boolean };

const ENDS: readonly string[] = ['commit', 'rollback'];

/** The connections to the store. Closing waits for those that are in use; who comes after is refused. */
export class Connections {
  readonly #pool: Pool;
  readonly #check: (client: PoolClient) => Promise<void>;
  readonly #checked = new WeakSet<object>();
  readonly #statements: Statements = createStatements();
  readonly #decoder = createRowDecoder();
  readonly #reads = new ReadQueue((reads) => this.#sendReads(reads));
  #inUse = 0;
  #isClosed = false;
  #emptied: (() => void) | undefined;

  /** `check` rejects for a new connection that is no good. */
  constructor(pool: Pool, check: (client: PoolClient) => Promise<void> = async () => {}) {
    this.#pool = pool;
    this.#check = check;
  }

  async connect(): Promise<Connection> {
    if (this.#isClosed) throw fail('store_unreachable', { why: 'the server is stopping' });
    this.#inUse += 1;
    try {
      return this.#wrap(await this.#take());
    } catch (error) {
      this.#leave();
      throw toUnreachable(error);
    }
  }

  // Not by the pool's own `verify`: a connection whose check outlasts whoever waits for it would never come back to the pool.
  async #take(): Promise<PoolClient> {
    const client = await this.#pool.connect();
    if (this.#checked.has(client)) return client;
    try {
      await this.#check(client);
      this.#checked.add(client);
      return client;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  /** A read by itself, on whatever connection, together with others that come at the same moment. */
  read(read: Read): Promise<readonly Row[]> {
    return this.#reads.read(read);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#inUse > 0) await new Promise<void>((resolve) => (this.#emptied = resolve));
    await this.#pool.end();
  }

  async #sendReads(reads: readonly Read[]): Promise<RowsAnswer> {
    const connection = await this.connect();
    try {
      return await connection.sendReads(reads);
    } finally {
      connection.release();
    }
  }

  #wrap(client: PoolClient): Connection {
    let isBroken = false;
    let isInTransaction = false;
    return {
      query: async (text, values) => {
        // Nothing waits a second time for an answer that will not come: a rollback does what closing does.
        if (isBroken) throw fail('store_unreachable', { why: 'the connection broke' });
        isInTransaction = text === 'begin' || (isInTransaction && !ENDS.includes(text));
        try {
          return await this.#query(client, { text, values, isAlone: !isInTransaction });
        } catch (error) {
          isBroken ||= !isConnectionGood(error);
          throw toStoreFailure(error);
        }
      },
      send: async (queries) => {
        const statements = queries.map(({ sql, parameters }) => this.#statements.name(sql, parameters));
        const { results, error } = await sendBatch(client, statements);
        const failed = queries[results.length];
        if (failed && isPlanStale(error)) this.#statements.renew(failed.sql);
        isBroken ||= error !== null && !isConnectionGood(error);
        return { results, error: error === null ? null : toStoreFailure(error) };
      },
      sendReads: async (reads) => {
        const statements = reads.map(({ sql, parameters }) => this.#statements.name(sql, parameters));
        const { results, error } = await sendBatch(client, statements, this.#decoder);
        const failed = reads[results.length];
        const failure = failed === undefined ? 'own' : readFailure(error);
        if (failed && failure === 'stale') this.#statements.renew(failed.sql);
        isBroken ||= error !== null && !isConnectionGood(error);
        return {
          results: this.#decoder.decode(statements, results),
          error: error === null ? null : toStoreFailure(error),
          failure,
        };
      },
      release: (isUnwanted = false) => {
        client.release(isBroken || isUnwanted);
        this.#leave();
      },
    };
  }

  // A plan that is stale is made anew, at once where no transaction was undone by it.
  async #query(client: PoolClient, { text, values, isAlone }: Query): Promise<QueryResult> {
    try {
      return await client.query(this.#statements.name(text, values));
    } catch (error) {
      if (!isPlanStale(error)) throw error;
      this.#statements.renew(text);
      if (!isAlone) throw error;
      return await client.query(this.#statements.name(text, values));
    }
  }

  #leave(): void {
    this.#inUse -= 1;
    if (this.#inUse === 0) this.#emptied?.();
  }
}

function readFailure(error: unknown): ReadFailure {
  if (isPlanStale(error)) return 'stale';
  if (isTooLate(error)) return 'late';
  return isConnectionGood(error) ? 'own' : 'link';
}
