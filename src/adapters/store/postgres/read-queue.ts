/** A row as kysely wants it. */
export type Row = Readonly<Record<string, unknown>>;

/** The rows of each read, as far as they went. `error`: what the next one met; `isAgain`: it is to be tried once more. */
export type RowsAnswer = {
  readonly results: readonly (readonly Row[])[];
  readonly error: unknown;
  readonly isLinkGood: boolean;
  readonly isAgain: boolean;
};

export type Read = { readonly sql: string; readonly parameters: readonly unknown[] };

type Waiting = {
  readonly read: Read;
  readonly resolve: (rows: readonly Row[]) => void;
  readonly reject: (error: unknown) => void;
};

/** Few, so that reads come together where many are asked for; more than one, so that a long one holds up few. */
const LANES = 3;
const MOST_TOGETHER = 24;

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
      this.#waiting.push({ read, resolve, reject });
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
      const { results, error, isLinkGood, isAgain } = await this.#send(some.map(({ read }) => read));
      for (const [index, rows] of results.entries()) some[index]?.resolve(rows);
      const rest = some.slice(results.length);
      if (!isLinkGood) for (const waiting of rest) waiting.reject(error);
      else if (isAgain) this.#waiting.unshift(...rest);
      else {
        rest[0]?.reject(error);
        this.#waiting.unshift(...rest.slice(1));
      }
    } catch (error) {
      for (const waiting of some) waiting.reject(error);
    }
  }
}
