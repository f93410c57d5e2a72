import { fail } from '../../core/errors.ts';

/** One call into native code, which nothing can interrupt once it has begun. */
export type NativeCall = <T>(call: () => Promise<T>) => Promise<T>;

export type Bounded = {
  /**
   * Runs `steps`, whose native calls all go through the function it is given. Rejects with `keychain_hanging` when they
   * are not done in time, and at once while an earlier call still blocks: another would only block one more thread.
   */
  run<T>(steps: (native: NativeCall) => Promise<T>): Promise<T>;
  /** True while a native call that was given up on has not come back: the process cannot end the usual way (S14). */
  isStuck(): boolean;
};

/** Bounds native calls in time. A call that is given up on goes on blocking its thread; `isStuck` knows. */
export function createBounded(timeoutMs: number): Bounded {
  const abandoned = new Set<Promise<unknown>>();
  const hanging = () => fail('keychain_hanging', { afterMs: timeoutMs });

  async function run<T>(steps: (native: NativeCall) => Promise<T>): Promise<T> {
    if (abandoned.size > 0) throw hanging();
    let current: Promise<unknown> | undefined;
    let over = false;
    const native: NativeCall = async (call) => {
      if (over) throw hanging();
      const made = call();
      current = made;
      try {
        return await made;
      } finally {
        current = undefined;
        abandoned.delete(made);
      }
    };
    const timer = Promise.withResolvers<never>();
    const handle = setTimeout(() => {
      over = true;
      if (current) abandoned.add(current);
      timer.reject(hanging());
    }, timeoutMs);
    try {
      return await Promise.race([steps(native), timer.promise]);
    } finally {
      over = true;
      clearTimeout(handle);
    }
  }

  return { run, isStuck: () => abandoned.size > 0 };
}
