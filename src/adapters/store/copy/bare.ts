import type { Engine } from '../engine.ts';
import type { Database } from '../schema.ts';

/** The tables of a store, without the ports over them: for what copies, fills and migrates them. */
export type BareStore = {
  readonly db: Database;
  readonly engine: Engine;
  /** How it is named in a complaint. */
  readonly at: string;
  readonly dialect: CopyDialect;
  readonly close: () => Promise<void>;
};

/** What copying needs that the engines say differently. */
export type CopyDialect = {
  /** Begins to read everything as it is at one moment, whoever writes meanwhile. */
  readonly beginReading: string;
  readonly listTables: string;
  /** All rows of a table, a few at a time. */
  readonly readRows: (db: Database, table: string) => AsyncIterable<Readonly<Record<string, unknown>>>;
  readonly insertRows: (db: Database, rows: Rows) => Promise<void>;
  /** What gives the next number of a table, after rows that have theirs; nothing where that is known. */
  readonly catchUp: (table: string, column: string) => readonly string[];
};

export type Rows = {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
};

/** In an order in which each finds what it refers to. What the OAuth provider keeps is left out: logins do not come back. */
export const COPIED_TABLES = [
  'settings',
  'people',
  'channel_links',
  'requests',
  'decisions',
  'idempotency_keys',
  'reviews',
  'later_reviews',
  'notices',
  'grants',
  'audit_events',
  'audit_leaves',
  'unsealed_events',
  'work',
] as const;

/** Tables of a store that are in no copy. */
export const LEFT_OUT_TABLES = ['protocol_entries', 'schema_migrations', 'schema_expansions'] as const;

/** Columns that the database numbers by itself. */
export const NUMBERED = [
  ['audit_events', 'written'],
  ['unsealed_events', 'entered'],
] as const;

export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
