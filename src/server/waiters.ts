import type { Store, StoreChange } from '../core/ports/store.ts';

export type WaitOptions<T> = {
  /** A request's or a grant's id. */
  readonly id: string;
  /** Undefined while there is reason to wait. */
  readonly look: () => Promise<T | undefined>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
};

export type Waiters = {
  /** What `look` gave once it gave something, or undefined at the time-out. */
  readonly wait: <T>(options: WaitOptions<T>) => Promise<T | undefined>;
  /** Sends everyone who waits home: the server stops. */
  readonly close: () => void;
};

/** Wakes those who wait for one request or grant, however many wait for others: one subscription for all. */
export function createWaiters(store: Pick<Store, 'changes'>): Waiters {
  const listeners = new Map<string, Set<() => void>>();
  const closing = new AbortController();
  const call = (id: string | null): void => {
    for (const listener of listeners.get(id ?? '') ?? []) listener();
  };
  const stop = store.changes((change: StoreChange) => {
    call(change.requestId);
    call(change.grantId);
  });
  const subscribe = (id: string, listener: () => void): (() => void) => {
    const known = listeners.get(id) ?? new Set();
    listeners.set(id, known.add(listener));
    return () => {
      known.delete(listener);
      if (known.size === 0) listeners.delete(id);
    };
  };

  return {
    wait: async (options) => {
      const deadline = AbortSignal.any([
        AbortSignal.timeout(options.timeoutMs),
        closing.signal,
        ...(options.signal ? [options.signal] : []),
      ]);
      let isChanged = true;
      let wakeUp = (): void => {};
      const unsubscribe = subscribe(options.id, () => {
        isChanged = true;
        wakeUp();
      });
      deadline.addEventListener('abort', () => wakeUp(), { once: true });
      try {
        for (;;) {
          isChanged = false;
          const found = await options.look();
          if (found !== undefined || deadline.aborted) return found;
          if (!isChanged) await new Promise<void>((resume) => (wakeUp = resume));
        }
      } finally {
        unsubscribe();
      }
    },
    close: () => {
      closing.abort();
      stop();
    },
  };
}
