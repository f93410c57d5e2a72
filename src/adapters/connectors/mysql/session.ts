import type { Socket } from 'node:net';
import type { Connection, ConnectionOptions } from 'mysql2';
import { beforeDeadline, type Deadline, requireTime } from '../deadline.ts';

const POLITE_MS = 500;

export type Row = Readonly<Record<string, unknown>>;

/** One connection to a server, for one piece of work. */
export type Session = {
  /** As the server counts its connections. */
  readonly id: number;
  readonly deadline: Deadline;
  /** Runs one statement; its rows. */
  run(sql: string): Promise<readonly Row[]>;
};

/** The administrator's session, and what kind of server it is on. */
export type AdminSession = Session & {
  readonly isMariaDb: boolean;
  /**
   * What the lock on a user, or on something else that is jit's, is called. Whoever is logged in may take any lock by its name, and an engineer who took this
   * one would keep their own access: so it is made with what only the administrator knows.
   */
  nameLock(what: string): string;
};

export type SessionOrder = {
  readonly options: ConnectionOptions;
  /** Asked for once the driver is there: what a socket says before that, a closed port say, nobody would hear. */
  readonly openSocket: () => Socket;
  readonly deadline: Deadline;
};

/** Logs in, works, says goodbye. The connection is closed whatever happened, and with it every lock it held. */
export async function withSession<T>(
  order: SessionOrder,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  // Loaded with the first: it takes 90 ms, and most servers have no such target.
  const { createConnection } = await import('mysql2');
  // Before the socket: with no time left there must be none.
  const connectTimeout = requireTime(order.deadline);
  const socket = order.openSocket();
  const connection = createConnection({
    ...order.options,
    stream: () => socket,
    connectTimeout,
  });
  connection.on('error', () => {});
  try {
    await beforeDeadline(order.deadline, connect(connection));
    const result = await work(createSession(connection, order.deadline));
    await leave(connection, { socket, deadline: order.deadline });
    return result;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Says goodbye, which spares the server's log a warning, and does not wait for long. */
async function leave(
  connection: Connection,
  { socket, deadline }: { readonly socket: Socket; readonly deadline: Deadline },
): Promise<void> {
  const closed = new AbortController();
  socket.once('close', () => closed.abort());
  connection.end();
  await deadline.clock.sleep(POLITE_MS, closed.signal);
  socket.destroy();
}

function createSession(connection: Connection, deadline: Deadline): Session {
  const { threadId } = connection;
  return {
    id: threadId ?? 0,
    deadline,
    run: async (sql) => {
      requireTime(deadline);
      return beforeDeadline(deadline, query(connection, sql));
    },
  };
}

function connect(connection: Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
}

function query(connection: Connection, sql: string): Promise<readonly Row[]> {
  return new Promise((resolve, reject) => {
    connection.query(sql, (error, rows) => {
      if (error) reject(error);
      else resolve(Array.isArray(rows) ? (rows as readonly Row[]) : []);
    });
  });
}
