/** Runs an action when it is its turn under this key. */
export type Turns = <T>(key: string, action: () => Promise<T>) => Promise<T>;

/** At most `most` at a time for each key; the others wait in order. */
export function createTurns(most: number): Turns {
  const waiting = new Map<string, (() => void)[]>();
  const busy = new Map<string, number>();
  const take = (key: string): Promise<void> | undefined => {
    const count = busy.get(key) ?? 0;
    if (count >= most)
      return new Promise((resume) => waiting.set(key, [...(waiting.get(key) ?? []), resume]));
    busy.set(key, count + 1);
    return undefined;
  };
  const pass = (key: string): void => {
    const [next, ...rest] = waiting.get(key) ?? [];
    if (rest.length > 0) waiting.set(key, rest);
    else waiting.delete(key);
    if (next) next();
    else busy.set(key, (busy.get(key) ?? 1) - 1);
  };
  return async (key, action) => {
    await take(key);
    try {
      return await action();
    } finally {
      pass(key);
    }
  };
}
