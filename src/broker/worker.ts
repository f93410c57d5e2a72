import type { Clock } from '../core/ports/clock.ts';
import type { Store, Work } from '../core/ports/store.ts';

const LEASE_MS = 30_000;
const LONGEST_NAP_MS = 1_000;
const MOST_TAKEN = 128;
const MOST_PER_TARGET = 8;

export type WorkerParts = {
  readonly store: Store;
  readonly clock: Clock;
  readonly run: (work: Work) => Promise<void>;
  /** Told of every failure that is not already in the grant's own record. */
  readonly onError: (error: unknown) => void;
};

export type Worker = {
  /** Something is due now: look at once instead of at the end of the nap. */
  readonly wake: () => void;
  /** Resolves when everything that was begun is done. */
  readonly stop: () => Promise<void>;
};

/**
 * Does what is due, for ever. Timers only wake it; what is due is always asked of the store (S10). Work for one
 * target waits for its turn there, so that a dead target holds up nobody else's (S5).
 */
export function startWorker(parts: WorkerParts): Worker {
  const turns = createTurns(MOST_PER_TARGET);
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  let nap = new AbortController();

  const start = (work: Work): void => {
    const done = turns(work.target ?? '', () => parts.run(work))
      .catch(parts.onError)
      .finally(() => running.delete(done));
    running.add(done);
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      nap = new AbortController();
      const taken = await takeDue(parts);
      for (const work of taken) start(work);
      if (taken.length < MOST_TAKEN) await parts.clock.sleep(await findNapMs(parts), nap.signal);
    }
    await Promise.all(running);
  };

  const looping = loop();
  return {
    wake: () => nap.abort(),
    stop: () => {
      stopping.abort();
      nap.abort();
      return looping;
    },
  };
}

async function takeDue(parts: WorkerParts): Promise<readonly Work[]> {
  try {
    return await parts.store.takeWork({ now: parts.clock.now(), leaseMs: LEASE_MS, limit: MOST_TAKEN });
  } catch (error) {
    parts.onError(error);
    return [];
  }
}

async function findNapMs(parts: WorkerParts): Promise<number> {
  const nextAt = await parts.store.findNextWorkAt().catch(() => undefined);
  if (nextAt === undefined) return LONGEST_NAP_MS;
  return Math.min(LONGEST_NAP_MS, Math.max(1, nextAt - parts.clock.now()));
}

/** At most `most` at a time for each key; the others wait in order. */
function createTurns(most: number): <T>(key: string, action: () => Promise<T>) => Promise<T> {
  const waiting = new Map<string, (() => void)[]>();
  const busy = new Map<string, number>();
  return async (key, action) => {
    if ((busy.get(key) ?? 0) >= most) {
      await new Promise<void>((resume) => waiting.set(key, [...(waiting.get(key) ?? []), resume]));
    } else {
      busy.set(key, (busy.get(key) ?? 0) + 1);
    }
    try {
      return await action();
    } finally {
      const [next, ...rest] = waiting.get(key) ?? [];
      waiting.set(key, rest);
      if (next) next();
      else busy.set(key, (busy.get(key) ?? 1) - 1);
    }
  };
}
