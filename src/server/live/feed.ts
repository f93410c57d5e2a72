import type { Grant } from '../../core/grant.ts';
import { MOST_REPLAYED_CHANGES } from '../../core/limits.ts';
import type { LoggedChange, Store } from '../../core/ports/store.ts';
import type { AccessRequest } from '../../core/request.ts';

/** Who is no further behind than this is told from memory. */
const MOST_KEPT_CHANGES = 512;

/** What a change is about, as it is shortly after it. */
export type Subject = {
  readonly request: AccessRequest | undefined;
  readonly grant: Grant | undefined;
};

/** `readSubject` reads the store once, however many look. */
export type Entry = { readonly change: LoggedChange; readonly readSubject: () => Promise<Subject> };

/** The end of the log, read once for all who follow it: nobody polls the store for a client of their own. */
export type Feed = {
  readonly findPosition: () => Promise<number>;
  /**
   * What came after a position, oldest first; nothing where there is nothing yet. Undefined where it cannot be told:
   * it was longer ago than is replayed, or it is no position of this log.
   */
  readonly readAfter: (position: number) => Promise<readonly Entry[] | undefined>;
  /** Calls back when there is more to read, and when the feed closes. Returns how to stop. */
  readonly listen: (wake: () => void) => () => void;
  readonly closing: AbortSignal;
  readonly close: () => void;
};

export type FeedStore = Pick<Store, 'changes' | 'listChanges' | 'findPosition' | 'readRequest' | 'readGrant'>;

export function createFeed(store: FeedStore): Feed {
  const listeners = new Set<{ readonly wake: () => void }>();
  const closing = new AbortController();
  const tail = createTail(store, () => listeners.size > 0);
  const wakeAll = (): void => {
    for (const { wake } of [...listeners]) wake();
  };
  const stop = store.changes(() => {
    tail.isBehind = true;
    // Who is woken looks again, and is told then what went wrong.
    if (listeners.size > 0) void tail.catchUp().then(wakeAll, wakeAll);
  });
  return {
    findPosition: async () => (await tail.catchUp()).position,
    readAfter: async (position) => {
      const { entries, startsAfter, position: newest } = await tail.catchUp();
      if (position > newest) return undefined;
      if (position >= startsAfter) return entries.filter(({ change }) => change.position > position);
      const changes = await store.listChanges({ after: position, limit: MOST_REPLAYED_CHANGES + 1 });
      if (changes.length > MOST_REPLAYED_CHANGES) return undefined;
      return changes.map((change) => buildEntry(store, change));
    },
    listen: (wake) => {
      const listener = { wake };
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    closing: closing.signal,
    close: () => {
      stop();
      closing.abort();
      wakeAll();
    },
  };
}

/** All changes after `startsAfter` up to `position`. */
type Kept = {
  readonly entries: readonly Entry[];
  readonly startsAfter: number;
  readonly position: number;
};

type Tail = { isBehind: boolean; readonly catchUp: () => Promise<Kept> };

/** While nobody follows, nothing is read: the next one begins at the end. */
function createTail(store: FeedStore, isFollowed: () => boolean): Tail {
  let kept: Kept | undefined;
  let reading: Promise<Kept> | undefined;
  const readOn = async (): Promise<Kept> => {
    if (!kept || !isFollowed()) {
      const position = await store.findPosition();
      return { entries: [], startsAfter: position, position };
    }
    const changes = await store.listChanges({ after: kept.position, limit: MOST_KEPT_CHANGES });
    if (changes.length === MOST_KEPT_CHANGES) tail.isBehind = true;
    return append(
      kept,
      changes.map((change) => buildEntry(store, change)),
    );
  };
  const read = async (): Promise<Kept> => {
    tail.isBehind = false;
    try {
      kept = await readOn();
      return kept;
    } catch (error) {
      tail.isBehind = true;
      throw error;
    } finally {
      reading = undefined;
    }
  };
  const tail: Tail = {
    isBehind: true,
    catchUp: async () => {
      while (reading || tail.isBehind || !kept) {
        reading ??= read();
        await reading;
      }
      return kept;
    },
  };
  return tail;
}

function append(kept: Kept, added: readonly Entry[]): Kept {
  const all = [...kept.entries, ...added];
  const dropped = all.slice(0, Math.max(0, all.length - MOST_KEPT_CHANGES));
  return {
    entries: all.slice(dropped.length),
    startsAfter: dropped.at(-1)?.change.position ?? kept.startsAfter,
    position: added.at(-1)?.change.position ?? kept.position,
  };
}

function buildEntry(store: FeedStore, change: LoggedChange): Entry {
  let found: Promise<Subject> | undefined;
  return {
    change,
    readSubject: () => {
      found ??= readSubject(store, change);
      return found;
    },
  };
}

async function readSubject(store: FeedStore, { requestId, grantId }: LoggedChange): Promise<Subject> {
  const [request, grant] = await Promise.all([
    requestId === null ? undefined : store.readRequest(requestId),
    grantId === null ? undefined : store.readGrant(grantId),
  ]);
  return { request, grant };
}
