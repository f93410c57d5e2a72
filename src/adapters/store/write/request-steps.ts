import { sql } from 'kysely';
import type { Change } from '../../../core/ports/store.ts';
import { type AccessRequest, isRequestSettled } from '../../../core/request.ts';
import { isSamePerson } from '../../../core/same-person.ts';
import {
  buildDecisionRow,
  buildRequestChange,
  buildRequestRow,
  isNewDecision,
} from '../rows/request-rows.ts';
import { buildLaterReviewRow, buildReviewRow } from '../rows/review-rows.ts';
import type { Database } from '../schema.ts';
import { atMost, reuse } from '../statements/reuse.ts';
import { LOST } from './lost.ts';
import { NO_ROW, ONE_ROW, type Step } from './steps.ts';

/** The request's row, and the rows of its decision and reviews that are new. */
export function listRequestSteps(db: Database, change: Change<AccessRequest>): readonly Step[] {
  if ('insert' in change) return listInsertSteps(db, change.insert);
  const { before, after } = change;
  requireOtherHumans(before, after);
  const decidedAnew = isNewDecision(before.decision, after.decision);
  return [
    updateRequest(db, { before, after, decidedAnew }),
    ...(decidedAnew ? insertDecision(db, after) : []),
    ...insertReviews(db, after, before.reviews.length),
    ...(before.afterwards?.review ? [] : insertLaterReview(db, after)),
  ];
}

// The same account or human is the database's to see; one that only looks different is seen here.
function requireOtherHumans(before: AccessRequest, after: AccessRequest): void {
  const added = after.reviews.slice(before.reviews.length);
  const isAgain = added.some(({ by }) => before.reviews.some((review) => isSamePerson(review.by, by)));
  if (isAgain) throw LOST;
}

type Update = {
  readonly before: AccessRequest;
  readonly after: AccessRequest;
  readonly decidedAnew: boolean;
};

function updateRequest(db: Database, { before, after, decidedAnew }: Update): Step {
  const decision = decidedAnew ? { decision_version: after.decision ? after.version : null } : {};
  const change = { ...buildRequestChange(after), ...decision };
  const { id, state, version } = before;
  const name = decidedAnew ? 'request decided anew' : 'request';
  const query = reuse(db, { name, parameters: [...Object.values(change), id, state, version] }, () =>
    db
      .updateTable('requests')
      .set(change)
      .where('id', '=', id)
      .where('state', '=', state)
      .where('version', '=', version),
  );
  return { query, ...ONE_ROW, isLostIfTaken: true };
}

function listInsertSteps(db: Database, request: AccessRequest): readonly Step[] {
  const row = buildRequestRow(request);
  const query = reuse(db, { name: 'new request', parameters: Object.values(row) }, () =>
    db
      .insertInto('requests')
      .values(row)
      .onConflict((conflict) => conflict.doNothing()),
  );
  return [
    { query, ...ONE_ROW },
    ...lookForHeld(db, request),
    ...insertDecision(db, request),
    ...insertReviews(db, request, 0),
    ...insertLaterReview(db, request),
  ];
}

// After the insert: whoever was claiming the same thing until then has committed, and its grant is seen.
function lookForHeld(db: Database, request: AccessRequest): readonly Step[] {
  if (isRequestSettled(request.state) || request.extendsGrantId !== null || request.breakGlass) return [];
  const { requestedBy, target } = request;
  const parameters = [requestedBy.subject, target, JSON.stringify(request.scopes)];
  const query = reuse(db, { name: 'held', parameters }, () =>
    db
      .selectFrom('grants')
      .select('id')
      .where('held_by', '=', requestedBy.subject)
      .where('target', '=', target)
      .where('scopes', '=', JSON.stringify(request.scopes))
      .where(sql<boolean>`state in ('provisioning', 'active')`)
      .limit(atMost(1)),
  );
  return [{ query, ...NO_ROW }];
}

function insertDecision(db: Database, request: AccessRequest): readonly Step[] {
  if (!request.decision) return [];
  const row = buildDecisionRow(request, request.decision);
  const compose = () => db.insertInto('decisions').values(row);
  return [{ query: reuse(db, { name: 'decision', parameters: Object.values(row) }, compose) }];
}

function insertReviews(db: Database, request: AccessRequest, from: number): readonly Step[] {
  const rows = request.reviews
    .map((review, position) => buildReviewRow(request, review, position))
    .slice(from);
  if (rows.length === 0) return [];
  return [{ query: db.insertInto('reviews').values(rows).compile(), isLostIfTaken: true }];
}

function insertLaterReview(db: Database, request: AccessRequest): readonly Step[] {
  const review = request.afterwards?.review;
  if (!review) return [];
  const row = buildLaterReviewRow(request, review);
  return [{ query: db.insertInto('later_reviews').values(row).compile(), isLostIfTaken: true }];
}
