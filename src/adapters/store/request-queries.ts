import type { Idempotency, RequestFilter } from '../../core/ports/store.ts';
import type { AccessRequest, Review } from '../../core/request.ts';
import { type DecisionColumns, readRequestRow, readReviewRow } from './request-rows.ts';
import type { Database, RequestRow } from './schema.ts';

export async function readRequest(db: Database, id: string): Promise<AccessRequest | undefined> {
  const row = await selectRequests(db).where('requests.id', '=', id).executeTakeFirst();
  if (!row) return undefined;
  return (await addReviews(db, [row]))[0];
}

export async function listRequests(db: Database, filter: RequestFilter): Promise<readonly AccessRequest[]> {
  const { requestedBy, states, limit } = filter;
  if (states?.length === 0) return [];
  const rows = await selectRequests(db)
    .$if(requestedBy !== undefined, (query) => query.where('requests.requested_by', '=', requestedBy ?? ''))
    .$if(states !== undefined, (query) => query.where('requests.state', 'in', states ?? []))
    .orderBy('requests.created_at', 'desc')
    .orderBy('requests.id', 'desc')
    .limit(limit)
    .execute();
  return await addReviews(db, rows);
}

export async function findIdempotent(
  db: Database,
  wanted: { readonly subject: string; readonly key: string },
): Promise<Idempotency | undefined> {
  const row = await db
    .selectFrom('idempotency_keys')
    .selectAll()
    .where('subject', '=', wanted.subject)
    .where('key', '=', wanted.key)
    .executeTakeFirst();
  if (!row) return undefined;
  return { subject: row.subject, key: row.key, fingerprint: row.fingerprint, requestId: row.request_id };
}

function selectRequests(db: Database) {
  return db
    .selectFrom('requests')
    .leftJoin('decisions', (join) =>
      join
        .onRef('decisions.request_id', '=', 'requests.id')
        .onRef('decisions.version', '=', 'requests.decision_version'),
    )
    .selectAll('requests')
    .select(['decisions.answer', 'decisions.policy_version', 'decisions.policy_input']);
}

type JoinedRow = RequestRow & DecisionColumns;

async function addReviews(db: Database, rows: readonly JoinedRow[]): Promise<readonly AccessRequest[]> {
  const reviewed = rows.filter((row) => row.review_count > 0);
  const reviews = await readReviews(
    db,
    reviewed.map((row) => row.id),
  );
  // Counted by the row: reviews that came between the two reads belong to a later version.
  return rows.map((row) => readRequestRow(row, (reviews.get(row.id) ?? []).slice(0, row.review_count)));
}

async function readReviews(
  db: Database,
  requestIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Review[]>> {
  if (requestIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('reviews')
    .selectAll()
    .where('request_id', 'in', requestIds)
    .orderBy('position')
    .execute();
  return new Map(
    [...Map.groupBy(rows, (row) => row.request_id)].map(([id, group]) => [id, group.map(readReviewRow)]),
  );
}
