import type { Store, StoreChange } from '../../core/ports/store.ts';

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
  const waiting = new Set<() => void>();
  let isClosed = false;
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
    wait: async ({ id, look, timeoutMs, signal }) => {
      let isChanged = true;
      let isOver = isClosed || signal?.aborted === true;
      let wakeUp = (): void => {};
      const end = (): void => {
        isOver = true;
        wakeUp();
      };
      const unsubscribe = subscribe(id, () => {
        isChanged = true;
        wakeUp();
      });
      // Of each its own timer, and no signal made of others: ten thousand may wait.
      const timer = setTimeout(end, timeoutMs);
      waiting.add(end);
      signal?.addEventListener('abort', end, { once: true });
      try {
        for (;;) {
          isChanged = false;
          const found = await look();
          if (found !== undefined || isOver) return found;
          if (!isChanged) await new Promise<void>((resume) => (wakeUp = resume));
        }
      } finally {
        clearTimeout(timer);
        waiting.delete(end);
        signal?.removeEventListener('abort', end);
        unsubscribe();
      }
    },
    close: () => {
      isClosed = true;
      stop();
      for (const end of [...waiting]) end();
    },
  };
}
