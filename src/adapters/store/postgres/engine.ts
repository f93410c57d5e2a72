import { sql } from 'kysely';
import { DatabaseError } from 'pg';
import type { Engine } from '../engine.ts';

const UNIQUE_VIOLATION = '23505';

export const POSTGRES: Engine = {
  sequenceColumn: 'bigint generated always as identity primary key',
  skipsLocked: true,
  isTaken: (error) => error instanceof DatabaseError && error.code === UNIQUE_VIOLATION,
  holdPerson: (subject) => sql`select pg_advisory_xact_lock(6973813, hashtext(${subject}))`,
  migrationLock: 'select pg_advisory_xact_lock(6973812, 1)',
};
