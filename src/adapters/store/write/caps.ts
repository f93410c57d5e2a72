import { sql } from 'kysely';
import type { Cap } from '../../../core/ports/store.ts';
import type { Engine } from '../engine.ts';
import type { Database } from '../schema.ts';
import type { Step, StepResult } from './steps.ts';

/** More than can be on their way at one moment, unseen by each other: replicas, times the connections of each. */
const MOST_UNSEEN = 200;

/**
 * Undoes the transition where the person has more than the cap by it. Comes last: what it holds is held until the end of
 * the transition, and whoever holds it waits for nothing else. Far below the cap nobody has to be held.
 */
export function listCapSteps(
  db: Database,
  { cap, engine }: { readonly cap: Cap; readonly engine: Engine },
): readonly Step[] {
  const { of, subject, most } = cap;
  const look = {
    query: COUNTS[of](subject).compile(db),
    isLost: ({ first }: StepResult) => Number(first) > most,
  };
  if (!engine.holdPerson) return [look];
  const hold = sql`${engine.holdPerson(subject)} where (${COUNTS[of](subject)}) > ${most - MOST_UNSEEN}`;
  // What those whom it waited for have committed is seen by the statement after it.
  return [{ query: hold.compile(db) }, look];
}

// In the very words of the partial indexes: with parameters in their place neither engine would use them.
const COUNTS = {
  'open requests': (subject: string) => sql`select count(*) as found from requests
    where requested_by = ${subject} and state in ('pending', 'approved')
    and extends_grant_id is null and break_glass = 0`,
  'live grants': (subject: string) => sql`select count(*) as found from grants
    where held_by = ${subject} and state in ('provisioning', 'active')`,
} satisfies Readonly<Record<Cap['of'], unknown>>;
