import type { RawBuilder } from 'kysely';
import { selectPlaces } from './write/places.ts';

/** The few things in which the database engines differ; everything else is one SQL for all of them. */
export type Engine = {
  /** The type of a primary key that numbers rows in the order in which they were written. */
  readonly sequenceColumn: string;
  /** May one transaction step over rows that another one is holding? */
  readonly skipsLocked: boolean;
  /** Lets nobody else count this person's rows, to the end of the transaction; absent where there is one writer. */
  readonly holdPerson?: (subject: string) => RawBuilder<unknown>;
  /** Is this the database's word that a unique index has such a row already? */
  readonly isTaken: (error: unknown) => boolean;
  /** Moves what is unsealed to the end of the log, in one transaction. */
  readonly sealing: readonly string[];
  /** Wait until nobody else changes the tables, to the end of the transaction; none where nobody else can be there. */
  readonly migrationLock: readonly string[];
};

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
