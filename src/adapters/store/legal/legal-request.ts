import { isSameValue } from '../../../core/audit/digest.ts';
import type { Change } from '../../../core/ports/store.ts';
import {
  type AccessRequest,
  type Breadth,
  canMoveRequest,
  type RequestState,
  type Reviewer,
} from '../../../core/request.ts';
import { isSamePerson } from '../../../core/same-person.ts';
import { describe, requireNextVersion, requireThat } from './legal-row.ts';

/** A review is added to a pending request, a grant begun for an approved one: the state stays, the row changes. */
const MAY_STAY: readonly RequestState[] = ['pending', 'approved'];

type Update = { readonly before: AccessRequest; readonly after: AccessRequest };

/** Throws `failed` for a change of a request that nobody may make, whatever policy says. */
export function requireLegalRequest(change: Change<AccessRequest>): void {
  const after = 'insert' in change ? change.insert : change.after;
  requireOtherReviewers(after);
  requireThat(after.afterwards === null || after.breakGlass, `${after.id} was not break-glass`);
  if ('insert' in change) return;
  requireNextVersion(change);
  requireLegalMove(change);
  requireSameQuestion(change);
  requireReviewsKept(change);
  requireNarrower(change);
}

/** Nobody reviews their own request, before or after, by whatever account (S3). */
function requireOtherReviewers({ id, requestedBy, reviews, afterwards }: AccessRequest): void {
  const reviewers: readonly Reviewer[] = [
    ...reviews.map((review) => review.by),
    ...(afterwards?.review ? [afterwards.review.by] : []),
  ];
  requireThat(
    reviewers.every((reviewer) => !isSamePerson(reviewer, requestedBy)),
    `${id} cannot be reviewed by its requester`,
  );
}

function requireLegalMove(change: Update): void {
  const { before, after } = change;
  if (isReviewedAfterwards(change)) {
    const rest = { ...after, version: before.version, afterwards: before.afterwards };
    requireThat(
      isSameValue(rest, before),
      `${before.id} is reviewed afterwards: nothing else in it can change`,
    );
    return;
  }
  const stays = before.state === after.state && MAY_STAY.includes(after.state);
  requireThat(stays || canMoveRequest(before.state, after.state), describe(change));
  requireThat(
    isSameValue(before.afterwards?.review ?? null, after.afterwards?.review ?? null),
    `${before.id} cannot be reviewed afterwards as part of something else, nor twice`,
  );
}

/** The one change of a row that is settled, claimed or not: what somebody says of break-glass, once. */
function isReviewedAfterwards({ before, after }: Update): boolean {
  return (
    before.state === after.state &&
    before.afterwards?.review === null &&
    after.afterwards?.dueAt === before.afterwards.dueAt &&
    after.afterwards.review !== null
  );
}

/** What was asked, by whom and from where, stays as it was asked. */
function requireSameQuestion({ before, after }: Update): void {
  requireThat(
    isSameValue(pickQuestion(before), pickQuestion(after)),
    `${before.id} cannot change its question`,
  );
  requireThat(
    before.escalatedAt === null || before.escalatedAt === after.escalatedAt,
    `${before.id} was escalated already`,
  );
}

function pickQuestion(request: AccessRequest) {
  const { requestedBy, target, reason, ticket, extendsGrantId, breakGlass } = request;
  const { originally, origin, createdAt } = request;
  const { subject, person } = requestedBy;
  return {
    ...{ subject, person, target, reason, ticket, extendsGrantId, breakGlass },
    ...{ originally, origin, createdAt },
  };
}

/** Reviews are added, to what is pending; those that are there stay as they are. */
function requireReviewsKept({ before, after }: Update): void {
  const kept = after.reviews.slice(0, before.reviews.length);
  requireThat(isSameValue(kept, before.reviews), `${before.id} cannot lose or change a review`);
  const isMore = after.reviews.length > before.reviews.length;
  requireThat(!isMore || before.state === 'pending', `${before.id} is not open for review`);
}

/** Less may be given than was asked, and only by a review, which says so (APR-05). */
function requireNarrower({ before, after }: Update): void {
  const last = after.reviews.at(-1);
  if (last && after.reviews.length > before.reviews.length) {
    requireThat(isSameValue(last.breadth, pickBreadth(after)), `${before.id} is not what its review says`);
  } else {
    requireThat(
      isSameValue(pickBreadth(before), pickBreadth(after)),
      `${before.id} is narrowed by a review only`,
    );
    requireThat(before.digest === after.digest, `${before.id} cannot change its digest`);
  }
  requireThat(isWithin(after, before), `${before.id} cannot become more than it was`);
}

function isWithin(narrow: Breadth, wide: Breadth): boolean {
  return (
    narrow.durationSeconds <= wide.durationSeconds &&
    narrow.durationSeconds > 0 &&
    narrow.scopes.length > 0 &&
    narrow.scopes.every((scope) => wide.scopes.includes(scope))
  );
}

function pickBreadth({ scopes, durationSeconds }: Breadth): Breadth {
  return { scopes, durationSeconds };
}
