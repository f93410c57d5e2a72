import { Client } from 'pg';
import { buildConnection, type PostgresAddress } from './pool.ts';

const CHANNEL = 'jit_changes';
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2_000;
/** How soon it is noticed that the other end is gone without a word. */
const HEARTBEAT_MS = 5_000;
const ANSWER_MS = 5_000;

export type WireEvents = {
  readonly onMessage: (text: string) => void;
  /** After every connecting: what was said before was not heard. */
  readonly onConnected: () => void;
};

/**
 * Words between the servers of one database, by LISTEN and NOTIFY. It comes back for ever after it broke; what is said
 * meanwhile is lost. Nothing is ever sent inside a commit: that would let no two commits of the database end at once.
 */
export class Wire {
  readonly #address: PostgresAddress;
  readonly #events: WireEvents;
  readonly #closing = new AbortController();
  #client: Client | undefined;
  #running: Promise<void> | undefined;

  constructor(address: PostgresAddress, events: WireEvents) {
    this.#address = address;
    this.#events = events;
  }

  /** Resolves when it was tried once; nobody has to wait for more. */
  open(): Promise<void> {
    return new Promise((resolve) => {
      this.#running ??= this.#run(resolve);
    });
  }

  /** Resolves when the server has taken it, or nobody can hear it now. */
  async send(text: string): Promise<void> {
    const values = [CHANNEL, text];
    await this.#client?.query({ name: 'say', text: 'select pg_notify($1, $2)', values }).catch(() => {});
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(onTried: () => void): Promise<void> {
    let waitMs = FIRST_WAIT_MS;
    while (!this.#closing.signal.aborted) {
      const hasListened = await this.#listen(onTried);
      onTried();
      if (hasListened) waitMs = FIRST_WAIT_MS;
      await sleep(waitMs, this.#closing.signal);
      waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
    }
  }

  /** Until the connection breaks; false where there was none. */
  async #listen(onListening: () => void): Promise<boolean> {
    // What is said is worth nothing after a crash, so nobody waits for the disk.
    const client = new Client({
      ...buildConnection(this.#address),
      application_name: 'jit store: changes',
      options: '-c synchronous_commit=off',
      query_timeout: ANSWER_MS,
    });
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    client.on('error', () => {});
    client.on('notification', ({ payload }) => this.#events.onMessage(payload ?? ''));
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
      this.#client = client;
      this.#events.onConnected();
      onListening();
      await this.#stay(client, ended);
      return true;
    } catch {
      return false;
    } finally {
      this.#client = undefined;
      await client.end().catch(() => {});
    }
  }

  async #stay(client: Client, ended: Promise<void>): Promise<void> {
    const over = AbortSignal.any([this.#closing.signal, toSignal(ended)]);
    while (!over.aborted) {
      await sleep(HEARTBEAT_MS, over);
      if (!over.aborted) await client.query('select 1');
    }
  }
}

function toSignal(ended: Promise<void>): AbortSignal {
  const controller = new AbortController();
  void ended.then(() => controller.abort());
  return controller.signal;
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal.addEventListener('abort', wake);
  });
}
