import { sql } from 'kysely';
import { DatabaseError } from 'pg';
import type { Engine } from '../engine.ts';
import { selectPlaces } from '../write/places.ts';

/** The first half of the numbers of jit's advisory locks. */
const OURS = 6_973_812;
/** Of those that are held for a person: the hash of the subject is the second half. */
const OURS_BY_PERSON = 6_973_813;

const UNIQUE_VIOLATION = '23505';

export const POSTGRES: Engine = {
  sequenceColumn: 'bigint generated always as identity primary key',
  skipsLocked: true,
  isTaken: (error) => error instanceof DatabaseError && error.code === UNIQUE_VIOLATION,
  holdPerson: (subject) =>
    sql`select pg_advisory_xact_lock(${sql.lit(OURS_BY_PERSON)}, hashtext(${subject}))`,
  // Only this lock is waited for: it holds up nobody who is at work.
  migrationLock: [
    `set local lock_timeout = '30min'`,
    `select pg_advisory_xact_lock(${OURS}, 1)`,
    `set local lock_timeout = '5s'`,
  ],
  // What is committed is looked at after the lock is held: not in one statement.
  sealing: [
    `select pg_advisory_xact_lock(${OURS}, 2)`,
    `with taken as (delete from unsealed_events returning entered, event_id)
      insert into audit_leaves (leaf_index, event_id) ${selectPlaces('taken')}`,
  ],
};
