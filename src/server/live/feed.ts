import type { Grant } from '../../core/grant.ts';
import { MOST_REPLAYED_CHANGES } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { LoggedChange, Store } from '../../core/ports/store.ts';
import type { AccessRequest } from '../../core/request.ts';
import { SECOND_MS } from '../../core/time.ts';

/** Who is no further behind than this is told from memory. */
const MOST_KEPT_CHANGES = 512;
/** Who looks shares what another one read no longer ago. */
const LOOK_HOLDS_MS = SECOND_MS;

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
   * Reads the log now, also where nobody told of anything: what was committed before the moment that it returns
   * (monotonic) is in memory then. Rejects where it cannot be read, so that silence is not taken for news.
   */
  readonly look: () => Promise<number>;
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

export function createFeed(store: FeedStore, clock: Pick<Clock, 'monotonicMs'>): Feed {
  const listeners = new Set<{ readonly wake: () => void }>();
  const closing = new AbortController();
  const wakeAll = (): void => {
    for (const { wake } of [...listeners]) wake();
  };
  const tail = createTail({ store, clock, isFollowed: () => listeners.size > 0, onNews: wakeAll });
  const stop = store.changes(() => {
    tail.hear();
    // Who is woken looks again, and is told then what went wrong.
    if (listeners.size > 0) tail.catchUp().catch(wakeAll);
  });
  return {
    findPosition: async () => (await tail.catchUp()).position,
    look: async () => (await tail.catchUp(clock.monotonicMs() - LOOK_HOLDS_MS)).readAtMs,
    readAfter: async (position) => {
      const known = await tail.catchUp();
      // Another replica may have told it, and this one has not heard of it yet.
      const kept = position > known.position ? await tail.catchUp(clock.monotonicMs()) : known;
      const { entries, startsAfter } = kept;
      if (position > kept.position) return undefined;
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

/** All changes after `startsAfter` up to `position`, by a read that began at `readAtMs`, when so much was `heard` of. */
type Kept = {
  readonly entries: readonly Entry[];
  readonly startsAfter: number;
  readonly position: number;
  readonly readAtMs: number;
  readonly heard: number;
  /** The page was full: there may be more. */
  readonly isPartial: boolean;
};

type Tail = {
  /** Something was committed. */
  readonly hear: () => void;
  /**
   * What a read found that began after everything was heard that had been when this was called, and not before `sinceMs`.
   * What is committed meanwhile is for the next caller: who waited for a moment without any would wait for ever.
   */
  readonly catchUp: (sinceMs?: number) => Promise<Kept>;
};

type TailParts = {
  readonly store: FeedStore;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly isFollowed: () => boolean;
  /** After each read that found something. */
  readonly onNews: () => void;
};

/** While nobody follows, nothing is read: the next one begins at the end. */
function createTail({ store, clock, isFollowed, onNews }: TailParts): Tail {
  let heard = 0;
  let kept: Kept | undefined;
  let reading: Promise<void> | undefined;
  const readOn = async (): Promise<Kept> => {
    const began = { readAtMs: clock.monotonicMs(), heard };
    if (!kept || !isFollowed()) {
      const position = await store.findPosition();
      return { ...began, entries: [], startsAfter: position, position, isPartial: false };
    }
    const changes = await store.listChanges({ after: kept.position, limit: MOST_KEPT_CHANGES });
    const added = changes.map((change) => buildEntry(store, change));
    return { ...began, ...append(kept, added), isPartial: changes.length === MOST_KEPT_CHANGES };
  };
  const read = async (): Promise<void> => {
    try {
      const before = kept?.position;
      kept = await readOn();
      if (kept.position !== before) onNews();
    } catch (error) {
      // Nobody is told from memory until it was read again.
      heard += 1;
      throw error;
    } finally {
      reading = undefined;
    }
  };
  return {
    hear: () => {
      heard += 1;
    },
    catchUp: async (sinceMs = Number.NEGATIVE_INFINITY) => {
      const wanted = heard;
      while (!kept || kept.isPartial || kept.heard < wanted || kept.readAtMs < sinceMs) {
        reading ??= read();
        await reading;
      }
      return kept;
    },
  };
}

function append(kept: Kept, added: readonly Entry[]): Pick<Kept, 'entries' | 'startsAfter' | 'position'> {
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
      found ??= readSubject(store, change).catch((error: unknown) => {
        // The next one who looks may find the store again; whoever waited already is told.
        found = undefined;
        throw error;
      });
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
