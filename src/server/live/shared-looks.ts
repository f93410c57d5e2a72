import type { Store } from '../../core/ports/store.ts';

/** What somebody sees in the store, seen once for all who look at it at the same time. */
export type SharedLooks<T> = {
  readonly look: (id: string) => Promise<T>;
  /** From now on everybody looks alone. */
  readonly close: () => void;
};

/**
 * Whoever comes while one looks gets what that one sees, unless something changed in between: who was woken by a change
 * never gets what was there before it. Nothing is kept.
 */
export function createSharedLooks<T>(
  store: Pick<Store, 'changes'>,
  read: (id: string) => Promise<T>,
): SharedLooks<T> {
  const underWay = new Map<string, Promise<T>>();
  let isClosed = false;
  const stop = store.changes(({ requestId, grantId }) => {
    underWay.delete(requestId ?? '');
    underWay.delete(grantId ?? '');
  });
  const begin = (id: string): Promise<T> => {
    const looking = read(id).finally(() => {
      if (underWay.get(id) === looking) underWay.delete(id);
    });
    underWay.set(id, looking);
    return looking;
  };
  return {
    look: (id) => (isClosed ? read(id) : (underWay.get(id) ?? begin(id))),
    close: () => {
      isClosed = true;
      stop();
    },
  };
}
