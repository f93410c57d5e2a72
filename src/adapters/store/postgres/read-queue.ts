/** A row as kysely wants it. */
export type Row = Readonly<Record<string, unknown>>;

/**
 * What a read failed of: something of its own; a plan that was `stale`, with which it is tried once more; it came too
 * `late`, and held up those after it; or the `link` broke under it, and under all of them.
 */
export type ReadFailure = 'own' | 'stale' | 'late' | 'link';

/** The rows of each read, as far as they went. `error`: what the next one met, null where there is none. */
export type RowsAnswer = {
  readonly results: readonly (readonly Row[])[];
  readonly error: unknown;
  readonly failure: ReadFailure;
};

export type Read = { readonly sql: string; readonly parameters: readonly unknown[] };

type Waiting = {
  readonly read: Read;
  readonly resolve: (rows: readonly Row[]) => void;
  readonly reject: (error: unknown) => void;
  /** How often another one before it in its message took too long. */
  readonly heldUp: number;
};

/** Few, so that reads come together where many are asked for; more than one, so that a long one holds up few. */
const LANES = 3;
const MOST_TOGETHER = 24;
/** So often another's slowness is that one's own; after that it is the database's, and whoever waits is told. */
const MOST_HELD_UP = 2;

/**
 * Reads of many callers, in one message where they come at the same moment: what a message costs is more than what most
 * reads do. Each is answered for itself; one that fails takes none of the others with it.
 */
export class ReadQueue {
  readonly #send: (reads: readonly Read[]) => Promise<RowsAnswer>;
  #waiting: Waiting[] = [];
  #busy = 0;

  /** `send` stops at the first that fails, and rejects where there is no connection to be had. */
  constructor(send: (reads: readonly Read[]) => Promise<RowsAnswer>) {
    this.#send = send;
  }

  read(read: Read): Promise<readonly Row[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ read, resolve, reject, heldUp: 0 });
      if (this.#busy < LANES) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#busy += 1;
    // The others of this turn of the event loop get to come along.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const some = this.#waiting.splice(0, MOST_TOGETHER);
      await this.#answer(some);
    }
    this.#busy -= 1;
  }

  async #answer(some: readonly Waiting[]): Promise<void> {
    try {
      const answer = await this.#send(some.map(({ read }) => read));
      for (const [index, rows] of answer.results.entries()) some[index]?.resolve(rows);
      this.#settle(some.slice(answer.results.length), answer);
    } catch (error) {
      for (const waiting of some) waiting.reject(error);
    }
  }

  /** Those that have no rows: the first is the one that failed. */
  #settle(rest: readonly Waiting[], { error, failure }: RowsAnswer): void {
    const [failed, ...others] = rest;
    if (failure === 'stale') return void this.#waiting.unshift(...rest);
    failed?.reject(error);
    const isLate = failure === 'late';
    for (const waiting of others.toReversed()) {
      const isLost = failure === 'link' || (isLate && waiting.heldUp >= MOST_HELD_UP);
      if (isLost) waiting.reject(error);
      else this.#waiting.unshift(isLate ? { ...waiting, heldUp: waiting.heldUp + 1 } : waiting);
    }
  }
}
