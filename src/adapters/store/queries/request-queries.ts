import type { Idempotency, RequestFilter } from '../../../core/ports/store.ts';
import type { AccessRequest, LaterReview, Review } from '../../../core/request.ts';
import { createRequestReader, type DecisionColumns } from '../rows/request-rows.ts';
import { readLaterReviewRow, readReviewRow } from '../rows/review-rows.ts';
import type { Database, RequestRow } from '../schema.ts';
import { atMost, findRow, listRows, roundUp } from '../statements/reuse.ts';
import { readByIds } from './many-ids.ts';
import { isWithin, within } from './partial.ts';

const OPEN = ['pending', 'approved'] as const;

export async function readRequest(db: Database, id: string): Promise<AccessRequest | undefined> {
  const row = await findRow(db, { name: 'request by id', parameters: [id] }, () =>
    selectRequests(db).where('requests.id', '=', id),
  );
  if (!row) return undefined;
  return (await addReviews(db, [row]))[0];
}

export async function listRequests(db: Database, filter: RequestFilter): Promise<readonly AccessRequest[]> {
  const { requestedBy, states, target, isReviewDue, limit } = filter;
  if (states?.length === 0) return [];
  const read = roundUp(limit);
  const isOpen = isWithin(OPEN, states);
  const shape = [requestedBy !== undefined, states?.length, isOpen, target !== undefined, isReviewDue, read];
  const parameters = [requestedBy, ...(states ?? []), target].filter((value) => value !== undefined);
  const rows = await listRows(db, { name: `requests ${shape.join(' ')}`, parameters }, () =>
    selectRequests(db)
      .$if(requestedBy !== undefined, (query) => query.where('requests.requested_by', '=', requestedBy ?? ''))
      .$if(states !== undefined, (query) => query.where('requests.state', 'in', states ?? []))
      .$if(isOpen, (query) => query.where(within('requests.state', OPEN)))
      .$if(target !== undefined, (query) => query.where('requests.target', '=', target ?? ''))
      .$if(isReviewDue === true, (query) =>
        query.where('requests.review_due_at', 'is not', null).where('requests.reviewed_later_at', 'is', null),
      )
      .orderBy('requests.created_at', 'desc')
      .orderBy('requests.id', 'desc')
      .limit(atMost(read)),
  );
  return await addReviews(db, rows.slice(0, limit));
}

export async function findIdempotent(
  db: Database,
  wanted: { readonly subject: string; readonly key: string },
): Promise<Idempotency | undefined> {
  const parameters = [wanted.subject, wanted.key];
  const row = await findRow(db, { name: 'idempotency by key', parameters }, () =>
    db
      .selectFrom('idempotency_keys')
      .selectAll()
      .where('subject', '=', wanted.subject)
      .where('key', '=', wanted.key),
  );
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
  const reviews = await readReviews(
    db,
    listIds(rows, (row) => row.review_count > 0),
  );
  const later = await readLaterReviews(
    db,
    listIds(rows, (row) => row.reviewed_later_at !== null),
  );
  // Counted by the row: reviews that came between the reads belong to a later version.
  const read = createRequestReader();
  return rows.map((row) =>
    read(row, {
      reviews: (reviews.get(row.id) ?? []).slice(0, row.review_count),
      laterReview: later.get(row.id) ?? null,
    }),
  );
}

function listIds(rows: readonly JoinedRow[], isWanted: (row: JoinedRow) => boolean): readonly string[] {
  return rows.filter(isWanted).map((row) => row.id);
}

async function readReviews(
  db: Database,
  requestIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Review[]>> {
  const rows = await readByIds(requestIds, (ids) =>
    db.selectFrom('reviews').selectAll().where('request_id', 'in', ids).orderBy('position').execute(),
  );
  return new Map(
    [...Map.groupBy(rows, (row) => row.request_id)].map(([id, group]) => [id, group.map(readReviewRow)]),
  );
}

async function readLaterReviews(
  db: Database,
  requestIds: readonly string[],
): Promise<ReadonlyMap<string, LaterReview>> {
  const rows = await readByIds(requestIds, (ids) =>
    db.selectFrom('later_reviews').selectAll().where('request_id', 'in', ids).execute(),
  );
  return new Map(rows.map((row) => [row.request_id, readLaterReviewRow(row)]));
}
