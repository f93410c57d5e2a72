import { sql } from 'kysely';
import type { Cap } from '../../core/ports/store.ts';
import { LOST } from './lost.ts';
import type { Writing } from './request-writes.ts';
import type { Database } from './schema.ts';

/** More than can be on their way at one moment, unseen by each other: replicas, times the connections of each. */
const MOST_UNSEEN = 200;

/**
 * Undoes the transition where the person has more than the cap by it. Comes last: what it holds is held until the end of
 * the transaction, and whoever holds it waits for nothing else. Far below the cap nobody has to be held.
 */
export async function requireRoom({ writer, engine }: Writing, cap: Cap): Promise<void> {
  const seen = await count(writer, cap);
  if (seen > cap.most) throw LOST;
  if (!engine.holdPerson || seen + MOST_UNSEEN <= cap.most) return;
  await engine.holdPerson(cap.subject).execute(writer);
  if ((await count(writer, cap)) > cap.most) throw LOST;
}

// In the very words of the partial indexes: with parameters in their place neither engine would use them.
const COUNTS = {
  'open requests': (subject: string) => sql<Count>`select count(*) as found from requests
    where requested_by = ${subject} and state in ('pending', 'approved')
    and extends_grant_id is null and break_glass = 0`,
  'live grants': (subject: string) => sql<Count>`select count(*) as found from grants
    where held_by = ${subject} and state in ('provisioning', 'active')`,
} satisfies Readonly<Record<Cap['of'], unknown>>;

type Count = { readonly found: number | string };

async function count(writer: Database, { of, subject }: Cap): Promise<number> {
  const { rows } = await COUNTS[of](subject).execute(writer);
  return Number(rows[0]?.found ?? 0);
}
