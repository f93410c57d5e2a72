import { createHmac } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { ConnectionOptions } from 'mysql2';
import type { Clock } from '../../../core/ports/clock.ts';
import { type Deadline, requireTime } from '../deadline.ts';
import type { Address } from './address.ts';
import type { Login } from './credential.ts';
import { type AdminSession, type Session, withSession } from './session.ts';
import { waitUntilEnded } from './sessions.ts';
import { Slots } from './slots.ts';

const AT_ONCE = 4;
/** A lock's name has 64 at most. */
const LOCK_CHARACTERS = 40;
const MS_PER_SECOND = 1000;
/** How much longer than its deadline a session may say nothing. */
const SILENT_SECONDS = 1;
/**
 * Refused to whoever has not PROCESS, as those tables are: they would see no session but their own, and take that for proof
 * that a grant has none.
 */
const WHAT_IT_IS =
  'SELECT VERSION() AS version, (SELECT COUNT(*) FROM information_schema.INNODB_CMP) AS seen';

export type AdminWork<T> = (session: AdminSession) => Promise<T>;

/** The connections to one server: a new one for each piece of work, so that no lock and no setting outlives it. */
export class Connections {
  readonly clock: Clock;
  readonly #address: Address;
  readonly #slots = new Slots(AT_ONCE);
  readonly #sockets = new Set<Socket>();
  #isClosed = false;

  constructor(options: { readonly address: Address; readonly clock: Clock }) {
    this.#address = options.address;
    this.clock = options.clock;
  }

  /** Works as the administrator; a few at a time. Nothing in it waits for a lock beyond the deadline. */
  run<T>(deadline: Deadline, work: AdminWork<T>): Promise<T> {
    const { user, password } = this.#address;
    return this.#slots.use(deadline, () =>
      this.#open({ user, password: password.reveal() }, deadline, async (session) => {
        const seconds = Math.ceil(requireTime(deadline) / MS_PER_SECOND);
        // Of a host that is gone the server hears nothing: it would keep the session, and its locks, for eight hours.
        await session.run(
          `SET SESSION lock_wait_timeout = ${seconds}, wait_timeout = ${seconds + SILENT_SECONDS}`,
        );
        const [row] = await session.run(WHAT_IT_IS);
        const nameLock = (what: string): string => this.#nameLock(what);
        return work({ ...session, isMariaDb: /mariadb/i.test(String(row?.version)), nameLock });
      }),
    );
  }

  /** Works as the user of a grant, and waits until the server has ended that session: it must not look like use. */
  async runAs<T>(login: Login, admin: Session, work: (session: Session) => Promise<T>): Promise<T> {
    const { user, password } = login;
    const { id, result } = await this.#open(
      { user, password: password.reveal() },
      admin.deadline,
      async (session) => ({ id: session.id, result: await work(session) }),
    );
    await waitUntilEnded(admin, { clock: this.clock, ids: [id] });
    return result;
  }

  /** Cuts what is open, a connection that never came about included. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  #nameLock(what: string): string {
    const key = this.#address.password.reveal();
    return `jit_${createHmac('sha256', key).update(what).digest('hex').slice(0, LOCK_CHARACTERS)}`;
  }

  #open<T>(
    who: { readonly user: string; readonly password: string },
    deadline: Deadline,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    const { host, port, ssl } = this.#address;
    const options: ConnectionOptions = {
      ...who,
      host,
      port,
      ...(ssl ? { ssl } : {}),
    };
    return withSession({ options, openSocket: () => this.#openSocket(), deadline }, work);
  }

  #openSocket(): Socket {
    const { host, port } = this.#address;
    const socket = connect({ host, port, noDelay: true });
    this.#sockets.add(socket);
    socket.on('error', () => {}).once('close', () => this.#sockets.delete(socket));
    if (this.#isClosed) socket.destroy();
    return socket;
  }
}
