import type { Engine } from '../engine.ts';
import { selectPlaces } from '../write/places.ts';

/** SQLITE_CONSTRAINT_UNIQUE and SQLITE_CONSTRAINT_PRIMARYKEY. */
const SQLITE_TAKEN: readonly unknown[] = [2067, 1555];

export const SQLITE: Engine = {
  sequenceColumn: 'integer primary key autoincrement',
  skipsLocked: false,
  migrationLock: [],
  sealing: [
    `insert into audit_leaves (leaf_index, event_id) ${selectPlaces('unsealed_events')}`,
    'delete from unsealed_events',
  ],
  isTaken: (error) =>
    error instanceof Error && SQLITE_TAKEN.includes((error as { readonly errcode?: unknown }).errcode),
};
