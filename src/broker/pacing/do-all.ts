/** Fewer than the connections that a store has: whoever else asks meanwhile gets a turn. */
const MOST_AT_ONCE = 8;
/** With nothing that succeeded in between: then nothing will. */
const MOST_FAILURES_IN_A_ROW = 32;

export type AllDone<R> = {
  /** In the order in which they were given. */
  readonly done: readonly R[];
  /** How many were not done: they failed, or it was given up before their turn came. */
  readonly undone: number;
  /** Why, of the first that failed. */
  readonly why: unknown;
};

/** Does it to each, eight at a time, and goes on past those that fail; never rejects. There may be a hundred thousand. */
export async function doAll<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<AllDone<R>> {
  const results = new Map<number, R>();
  const failures: unknown[] = [];
  let failedInARow = 0;
  const waiting = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      if (failedInARow >= MOST_FAILURES_IN_A_ROW) return;
      try {
        results.set(index, await act(item));
        failedInARow = 0;
      } catch (error) {
        failures.push(error);
        failedInARow += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, lane));
  const done = [...results].sort(([left], [right]) => left - right).map(([, result]) => result);
  return { done, undone: items.length - done.length, why: failures[0] };
}
