import { sql } from 'kysely';
import { WORK_KINDS } from '../../../core/ports/store.ts';
import type { Instant } from '../../../core/time.ts';
import type { Database } from '../schema.ts';
import { atMost, findRow } from '../statements/reuse.ts';

/** What a later version queued, on the same database, is left to it: whoever does not know it would get it wrong. */
export const isKnown = sql<boolean>`kind in (${sql.join(WORK_KINDS.map((kind) => sql.lit(kind)))})`;

/** The earlier of: the first due work that nobody has, and the first lease to run out. */
export async function findNextWorkAt(db: Database): Promise<Instant | undefined> {
  const free = await findRow(db, { name: 'next free work', parameters: [] }, () =>
    db
      .selectFrom('work')
      .select('due_at as at')
      .where('lease_until', 'is', null)
      .where(isKnown)
      .orderBy('due_at')
      .limit(atMost(1)),
  );
  const leased = await findRow(db, { name: 'next lease to end', parameters: [] }, () =>
    db
      .selectFrom('work')
      .select('lease_until as at')
      .where('lease_until', 'is not', null)
      .where(isKnown)
      .orderBy('lease_until')
      .limit(atMost(1)),
  );
  const instants = [free?.at, leased?.at].filter((at) => typeof at === 'number');
  return instants.length > 0 ? Math.min(...instants) : undefined;
}
