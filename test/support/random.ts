/** The same numbers for the same seed, evenly over 0 to 1: for tests that can be run again as they were (mulberry32). */
export type Random = {
  next(): number;
  /** One of these. */
  pick<T>(values: readonly T[]): T;
  /** A whole number below this. */
  below(limit: number): number;
  /** The same values in another order. */
  shuffle<T>(values: readonly T[]): readonly T[];
};

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    shuffle: (values) =>
      values
        .map((value) => ({ value, place: next() }))
        .sort((left, right) => left.place - right.place)
        .map(({ value }) => value),
    pick: (values) => {
      const value = values[below(values.length)];
      if (value === undefined) throw new Error('there is nothing to pick from');
      return value;
    },
  };
}
