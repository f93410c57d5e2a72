/** More than a server hears of in the time that a message may be late. */
const GENERATION = 20_000;

/** Remembers names for a while: the last many thousands of them. */
export type SeenNames = {
  /** False for one that is remembered. */
  readonly add: (name: string) => boolean;
};

export function createSeenNames(size = GENERATION): SeenNames {
  let young = new Set<string>();
  let old = new Set<string>();
  return {
    add: (name) => {
      if (young.has(name) || old.has(name)) return false;
      young.add(name);
      if (young.size >= size) [young, old] = [new Set(), young];
      return true;
    },
  };
}
