/** What was found out lately, under the key that it was asked by. */
export type Recent<T> = {
  readonly find: (key: string) => T | undefined;
  readonly keep: (key: string, value: T) => void;
  readonly forget: (key: string) => void;
};

/** Holds at most so many; what nobody asked for the longest goes first. */
export function createRecent<T>(most: number): Recent<T> {
  const held = new Map<string, T>();
  return {
    find: (key) => {
      const value = held.get(key);
      if (value === undefined) return undefined;
      // A map keeps its order: what is put in again is the newest.
      held.delete(key);
      held.set(key, value);
      return value;
    },
    keep: (key, value) => {
      held.delete(key);
      held.set(key, value);
      const [oldest] = held.keys();
      if (held.size > most && oldest !== undefined) held.delete(oldest);
    },
    forget: (key) => {
      held.delete(key);
    },
  };
}
