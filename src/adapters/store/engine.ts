import type { RawBuilder } from 'kysely';

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
