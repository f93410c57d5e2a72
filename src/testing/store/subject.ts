import type { Store } from '../../core/ports/store.ts';

/** A new, empty store. `reopen` closes it and opens the same data again; absent where nothing outlives it. */
export type StoreSubject = {
  readonly store: Store;
  readonly reopen?: () => Promise<Store>;
};

export type OpenSubject = () => Promise<StoreSubject>;

/** Runs the body over a new store and closes it, whatever happens. */
export function onStore(open: OpenSubject, body: (store: Store) => Promise<void>): () => Promise<void> {
  return async () => {
    const { store } = await open();
    try {
      await body(store);
    } finally {
      await store.close();
    }
  };
}

export async function count(outcomes: readonly Promise<string>[], wanted: string): Promise<number> {
  return (await Promise.all(outcomes)).filter((outcome) => outcome === wanted).length;
}
