import type { Change } from '../../core/ports/store.ts';
import { type AccessRequest, isRequestSettled } from '../../core/request.ts';
import { isSamePerson } from '../../core/same-person.ts';
import type { Engine } from './engine.ts';
import { LOST, loseIfTaken, requireOne } from './lost.ts';
import { buildDecisionRow, buildRequestChange, buildRequestRow, isNewDecision } from './request-rows.ts';
import { buildLaterReviewRow, buildReviewRow } from './review-rows.ts';
import type { Database } from './schema.ts';

export type Writing = { readonly writer: Database; readonly engine: Engine };

/** The request's row, and the rows of its decision and reviews that are new. */
export async function writeRequest(writing: Writing, change: Change<AccessRequest>): Promise<void> {
  if ('insert' in change) {
    await insertRequest(writing, change.insert);
    return;
  }
  const { before, after } = change;
  requireOtherHumans(before, after);
  const decidedAnew = isNewDecision(before.decision, after.decision);
  await updateRequest(writing, { before, after, decidedAnew });
  if (decidedAnew) await insertDecision(writing, after);
  await insertReviews(writing, after, before.reviews.length);
  if (!before.afterwards?.review) await insertLaterReview(writing, after);
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

async function updateRequest(
  { writer, engine }: Writing,
  { before, after, decidedAnew }: Update,
): Promise<void> {
  const decision = decidedAnew ? { decision_version: after.decision ? after.version : null } : {};
  const result = await loseIfTaken(engine, () =>
    writer
      .updateTable('requests')
      .set({ ...buildRequestChange(after), ...decision })
      .where('id', '=', before.id)
      .where('state', '=', before.state)
      .where('version', '=', before.version)
      .executeTakeFirst(),
  );
  requireOne(result.numUpdatedRows);
}

async function insertRequest(writing: Writing, request: AccessRequest): Promise<void> {
  const result = await writing.writer
    .insertInto('requests')
    .values(buildRequestRow(request))
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  requireOne(result.numInsertedOrUpdatedRows);
  await requireNotHeld(writing.writer, request);
  await insertDecision(writing, request);
  await insertReviews(writing, request, 0);
  await insertLaterReview(writing, request);
}

// After the insert: whoever was claiming the same thing until then has committed, and its grant is seen.
async function requireNotHeld(writer: Database, request: AccessRequest): Promise<void> {
  if (isRequestSettled(request.state) || request.extendsGrantId !== null || request.breakGlass) return;
  const held = await writer
    .selectFrom('grants')
    .select('id')
    .where('held_by', '=', request.requestedBy.subject)
    .where('target', '=', request.target)
    .where('scopes', '=', JSON.stringify(request.scopes))
    .where('state', 'in', ['provisioning', 'active'])
    .limit(1)
    .executeTakeFirst();
  if (held) throw LOST;
}

async function insertDecision({ writer }: Writing, request: AccessRequest): Promise<void> {
  if (!request.decision) return;
  await writer.insertInto('decisions').values(buildDecisionRow(request, request.decision)).execute();
}

async function insertReviews(
  { writer, engine }: Writing,
  request: AccessRequest,
  from: number,
): Promise<void> {
  const rows = request.reviews
    .map((review, position) => buildReviewRow(request, review, position))
    .slice(from);
  if (rows.length === 0) return;
  await loseIfTaken(engine, () => writer.insertInto('reviews').values(rows).execute());
}

async function insertLaterReview({ writer, engine }: Writing, request: AccessRequest): Promise<void> {
  const review = request.afterwards?.review;
  if (!review) return;
  const row = buildLaterReviewRow(request, review);
  await loseIfTaken(engine, () => writer.insertInto('later_reviews').values(row).execute());
}
