import type { Asker, Broker } from '../../broker/parts.ts';
import { requireReviewReason } from '../../core/ask.ts';
import { hasCode } from '../../core/errors.ts';
import { isSamePrincipal } from '../../core/principal.ts';
import type { AccessRequest, LaterReview, Review } from '../../core/request.ts';

type Said = { readonly asker: Asker; readonly reason: string | null };

/**
 * What was done, or, where it was too late for it: the request as it is, if that is this very reviewer's own doing. So
 * whoever sends a decision again because the answer was lost learns that it holds; anybody else is told what it was.
 */
export async function orRepeated(
  broker: Pick<Broker, 'store'>,
  { requestId, done }: { readonly requestId: string; readonly done: Promise<AccessRequest> },
  isOwnDoing: (request: AccessRequest) => boolean,
): Promise<AccessRequest> {
  try {
    return await done;
  } catch (error) {
    if (!hasCode(error, 'already_decided', 'already_reviewed')) throw error;
    const request = await broker.store.readRequest(requestId);
    if (request && isOwnDoing(request)) return request;
    throw error;
  }
}

/** Is one of the reviews what this person says now, with the same effect? */
export function hasReviewed(
  { reviews }: AccessRequest,
  said: Said & {
    readonly outcome: Review['outcome'];
    readonly scopes: readonly string[] | null;
    readonly durationSeconds: number | null;
  },
): boolean {
  const { outcome, scopes, durationSeconds } = said;
  return reviews.some(
    (review) =>
      isSaidBy(review, said) &&
      review.outcome === outcome &&
      (scopes === null || isSameSet(review.breadth.scopes, scopes)) &&
      (durationSeconds === null || review.breadth.durationSeconds === durationSeconds),
  );
}

export function hasReviewedAfterwards(
  { afterwards }: AccessRequest,
  said: Said & { readonly outcome: LaterReview['outcome'] },
): boolean {
  const review = afterwards?.review;
  return review !== null && review !== undefined && isSaidBy(review, said) && review.outcome === said.outcome;
}

function isSaidBy({ by, reason }: Pick<Review, 'by' | 'reason'>, { asker, reason: said }: Said): boolean {
  return isSamePrincipal(by, asker.principal) && reason === requireReviewReason(said);
}

function isSameSet(left: readonly string[], right: readonly string[]): boolean {
  return left.length === new Set(right).size && right.every((scope) => left.includes(scope));
}
