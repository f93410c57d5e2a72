import type { PeopleStore } from '../../core/ports/people-store.ts';
import type { ProtocolStore } from '../../core/ports/protocol-store.ts';
import type { Room } from '../../core/ports/room.ts';
import type { Store } from '../../core/ports/store.ts';
import type { Instant } from '../../core/time.ts';

/** A store that is open: the three ports over one database. */
export type OpenStore = {
  readonly store: Store;
  readonly protocol: ProtocolStore;
  readonly people: PeopleStore;
  /** The names of the migrations that this opening applied. */
  readonly applied: readonly string[];
  readonly room: Room;
  /** Resolves when what was begun is written; what comes after is refused. */
  close(): Promise<void>;
};

/** The time at the database, for a clock that is everybody's. */
export type SharedStore = OpenStore & { readonly readTime: () => Promise<Instant> };

/** Runs an action once, however often it is called. */
export function onceOnly(action: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= action();
    return running;
  };
}
