import { Socket } from 'node:net';
import { type Client, type ClientConfig, DatabaseError, Pool, type QueryResult } from 'pg';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Secret } from '../../../core/secret.ts';
import { beforeDeadline, type Deadline, requireTime } from '../deadline.ts';
import type { Address } from './address.ts';
import { CarefulClient } from './careful-client.ts';
import type { Login } from './credential.ts';
import { isPasswordWrong } from './failure.ts';

const CONNECT_MS = 10_000;
const IDLE_MS = 30_000;
const POLITE_MS = 500;
// What is read after a turn was waited for has to be what is there by then, whatever transactions are used to.
const BEGIN = 'SET TRANSACTION ISOLATION LEVEL READ COMMITTED;';

export type Row = Readonly<Record<string, unknown>>;
export type Work = { readonly sql: string; readonly deadline: Deadline };
/** Who connects, and to which database, where it is not the administrator to the URL's. */
export type Elsewhere = { readonly login?: Login | undefined; readonly database?: string | undefined };

/** The administrator's password, as it is now. */
export type Passwords = {
  current(): Promise<Secret>;
  /** The server refused it: finds the one that it takes, by trying. False where there is none. */
  recover(isTaken: (password: Secret) => Promise<boolean>): Promise<boolean>;
};

export type ConnectionsOptions = {
  readonly address: Address;
  /** Undefined: without a password, or with the address's for ever. */
  readonly passwords?: Passwords | undefined;
  readonly clock: Clock;
  readonly poolSize: number;
};

type Queryable = Pick<Client, 'query'>;

/** The connections to one server: a pool for the administrator, single ones for everything else. */
export class Connections {
  readonly #address: Address;
  readonly #passwords: Passwords | undefined;
  readonly #clock: Clock;
  readonly #sockets = new Set<Socket>();
  readonly #pool: Pool;
  #closed: Promise<void> | undefined;

  constructor(options: ConnectionsOptions) {
    this.#address = options.address;
    this.#passwords = options.passwords;
    this.#clock = options.clock;
    this.#pool = new Pool({
      ...this.#config({}),
      Client: CarefulClient,
      max: options.poolSize,
      idleTimeoutMillis: IDLE_MS,
      connectionTimeoutMillis: CONNECT_MS,
    });
    this.#pool.on('error', ignore);
  }

  /** Runs statements as one transaction in one message; the last one's rows. They stop at the deadline by themselves. */
  run(work: Work): Promise<readonly Row[]> {
    return this.#withPassword(work.deadline, () => this.#runPooled(work));
  }

  /** Runs them as one transaction on a connection of its own, which is closed at both ends afterwards. */
  runElsewhere(elsewhere: Elsewhere, work: Work): Promise<readonly Row[]> {
    if (elsewhere.login) return this.#runAlone(elsewhere, work);
    return this.#withPassword(work.deadline, () => this.#runAlone(elsewhere, work));
  }

  /** Another replica may have replaced the password since this one last logged in. */
  async #withPassword<T>(deadline: Deadline, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (!isPasswordWrong(error) || !(await this.#recover(deadline))) throw error;
      return action();
    }
  }

  #recover(deadline: Deadline): Promise<boolean> {
    const isTaken = async (password: Secret): Promise<boolean> => {
      const login = { role: this.#address.user, password };
      try {
        await this.#runAlone({ login }, { sql: 'SELECT 1;', deadline });
        return true;
      } catch (error) {
        if (isPasswordWrong(error)) return false;
        throw error;
      }
    };
    return this.#passwords?.recover(isTaken) ?? Promise.resolve(false);
  }

  async #runPooled(work: Work): Promise<readonly Row[]> {
    const connecting = this.#pool.connect();
    const client = await beforeDeadline(work.deadline, connecting).catch((error: unknown) => {
      connecting.then((late) => late.release(true), ignore);
      throw error;
    });
    let broken = true;
    try {
      const rows = await send(client, work);
      broken = false;
      return rows;
    } catch (error) {
      broken = !(error instanceof DatabaseError);
      throw error;
    } finally {
      client.release(broken);
    }
  }

  async #runAlone(elsewhere: Elsewhere, work: Work): Promise<readonly Row[]> {
    const socket = this.#openSocket();
    const client = new CarefulClient({ ...this.#config(elsewhere), stream: () => socket });
    try {
      await beforeDeadline(work.deadline, client.connect());
      const rows = await send(client, work);
      await beforeDeadline(work.deadline, client.end());
      return rows;
    } finally {
      socket.destroy();
    }
  }

  /** Says goodbye on what is idle, then cuts what is left, a connection that never came about included. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const answered = new AbortController();
    const ended = this.#pool.end().finally(() => answered.abort());
    if (this.#sockets.size > 0) await this.#clock.sleep(POLITE_MS, answered.signal);
    for (const socket of this.#sockets) socket.destroy();
    await ended;
  }

  #config(elsewhere: Elsewhere): ClientConfig {
    const { host, port, ssl } = this.#address;
    return {
      host,
      port,
      ssl,
      database: elsewhere.database ?? this.#address.database,
      user: elsewhere.login?.role ?? this.#address.user,
      ...this.#findPassword(elsewhere),
      application_name: elsewhere.login ? 'jit probe' : 'jit server',
      connectionTimeoutMillis: CONNECT_MS,
      stream: () => this.#openSocket(),
    };
  }

  #findPassword({ login }: Elsewhere): Pick<ClientConfig, 'password'> {
    const passwords = this.#passwords;
    const known = login?.password ?? (passwords ? undefined : this.#address.password);
    if (known) return { password: known.reveal() };
    return passwords ? { password: async () => (await passwords.current()).reveal() } : {};
  }

  #openSocket(): Socket {
    const socket = new Socket();
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }
}

async function send(client: Queryable, work: Work): Promise<readonly Row[]> {
  const text = `${BEGIN} SET LOCAL statement_timeout = ${requireTime(work.deadline)}; ${work.sql}`;
  const answer: unknown = await beforeDeadline(work.deadline, client.query(text));
  const last = [answer].flat().at(-1) as QueryResult<Row> | undefined;
  return last?.rows ?? [];
}

function ignore(): void {}
