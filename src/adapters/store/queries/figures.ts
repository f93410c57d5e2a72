import { LIVE_GRANT_STATES } from '../../../core/grant.ts';
import type { Figures, Waiting } from '../../../core/ports/figures.ts';
import { OPEN_REQUEST_STATES } from '../../../core/request.ts';
import type { Instant } from '../../../core/time.ts';
import type { Database } from '../schema.ts';

/** Each query runs along an index: what it costs grows with what is live, never with what is over. */
export async function readFigures(db: Database, now: Instant): Promise<Omit<Figures, 'isShortOfRoom'>> {
  const grants = await countStates(db, 'grants', LIVE_GRANT_STATES);
  const requests = await countStates(db, 'requests', OPEN_REQUEST_STATES);
  return {
    at: now,
    grants: {
      provisioning: grants.get('provisioning') ?? 0,
      active: grants.get('active') ?? 0,
      revoking: grants.get('revoking') ?? 0,
    },
    openRequests: { pending: requests.get('pending') ?? 0, approved: requests.get('approved') ?? 0 },
    unconfirmed: { count: grants.get('revoking') ?? 0, oldestAt: await findOldestUnconfirmed(db) },
    due: await countDue(db, now),
  };
}

async function countStates(
  db: Database,
  table: 'grants' | 'requests',
  states: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom(table)
    .select(({ fn }) => ['state', fn.countAll().as('count')])
    .where('state', 'in', states)
    .groupBy('state')
    .execute();
  return new Map(rows.map(({ state, count }) => [state, Number(count)]));
}

/** When the end was ordered stands on record only. */
async function findOldestUnconfirmed(db: Database): Promise<Instant | null> {
  const row = await db
    .selectFrom('grants')
    .innerJoin('audit_events', 'audit_events.grant_id', 'grants.id')
    .select(({ fn }) => fn.min('audit_events.at').as('at'))
    .where('grants.state', '=', 'revoking')
    .where('audit_events.kind', 'in', ['grant.revoking', 'grant.failed'])
    .executeTakeFirst();
  return row?.at == null ? null : Number(row.at);
}

async function countDue(db: Database, now: Instant): Promise<Readonly<Record<string, Waiting>>> {
  const rows = await db
    .selectFrom('work')
    .select(({ fn }) => ['kind', fn.countAll().as('count'), fn.min('due_at').as('oldest')])
    .where('due_at', '<=', now)
    .groupBy('kind')
    .execute();
  return Object.fromEntries(
    rows.map(({ kind, count, oldest }) => [kind, { count: Number(count), oldestAt: Number(oldest) }]),
  );
}
