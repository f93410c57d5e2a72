/** One attempt at a time, and none after it has succeeded: later callers get the same value. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

type MethodsOf<T> = {
  readonly [K in keyof T]: T[K] extends (...args: never[]) => Promise<unknown> ? K : never;
}[keyof T];

/**
 * The named methods of something that is loaded with the first call of one of them, so that a command pays only for
 * what it uses.
 */
export function defer<T, const N extends MethodsOf<T>>(
  load: () => Promise<T>,
  names: readonly N[],
): Pick<T, N> {
  const loaded = once(load);
  const methods = names.map((name) => {
    const call = async (...args: readonly unknown[]): Promise<unknown> => {
      const target = await loaded();
      return (target[name] as (...args: readonly unknown[]) => Promise<unknown>).apply(target, [...args]);
    };
    return [name, call];
  });
  return Object.fromEntries(methods) as Pick<T, N>;
}
