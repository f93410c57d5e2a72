import type { CompiledQuery } from 'kysely';
import type { Database } from './schema.ts';
import type { Step } from './write/steps.ts';

/** Runs an action on the database as one unit, durable when it resolves. */
export type Write = <T>(action: (writer: Database) => Promise<T>) => Promise<T>;

export type WriteNeeds = {
  /** It begins something: refused with `store_full` while there is only room for what ends. */
  readonly needsRoom?: boolean;
  /** It may be lost with the machine, and need not wait for the disk. */
  readonly isBrief?: boolean;
};

/** How the queries reach the database: an engine decides what is a transaction and when it is written down. */
export type Access = {
  readonly db: Database;
  /** Any number of statements, all or nothing: an action that throws leaves nothing behind. */
  readonly writeAll: Write;
  /** The statements of a transition: all of them, or none and `LOST`. */
  readonly writeSteps: (steps: readonly Step[], needs?: WriteNeeds) => Promise<void>;
  /** One statement, which is all or nothing by itself. */
  readonly writeOne: Write;
  /** One statement that counts from now on, and may be lost with the machine. How many rows it changed. */
  readonly writeSoon: (query: CompiledQuery) => Promise<number>;
  /** Is there only room for what ends? */
  readonly isShortOfRoom: () => boolean;
};
