import type { Insertable, Selectable } from 'kysely';
import type { AccessRequest, LaterReview, Review, Reviewer, ReviewWay } from '../../../core/request.ts';
import type { LaterReviewTable, ReviewTable } from '../schema.ts';

export function buildReviewRow(
  request: AccessRequest,
  review: Review,
  position: number,
): Insertable<ReviewTable> {
  return {
    ...buildBothPeople(request, review.by),
    position,
    outcome: review.outcome,
    reason: review.reason,
    scopes: JSON.stringify(review.breadth.scopes),
    duration_seconds: review.breadth.durationSeconds,
    way: review.way,
    at: review.at,
  };
}

export function buildLaterReviewRow(
  request: AccessRequest,
  review: LaterReview,
): Insertable<LaterReviewTable> {
  return {
    ...buildBothPeople(request, review.by),
    outcome: review.outcome,
    reason: review.reason,
    way: review.way,
    at: review.at,
  };
}

function buildBothPeople({ id, requestedBy }: AccessRequest, by: Reviewer) {
  return {
    request_id: id,
    requested_by: requestedBy.subject,
    requester_person: requestedBy.person,
    reviewer: by.subject,
    reviewer_person: by.person,
    reviewer_name: by.name,
    reviewer_groups: JSON.stringify(by.groups),
  };
}

export function readReviewRow(row: Selectable<ReviewTable>): Review {
  return {
    by: readReviewer(row),
    outcome: row.outcome as Review['outcome'],
    reason: row.reason,
    breadth: { scopes: JSON.parse(row.scopes) as readonly string[], durationSeconds: row.duration_seconds },
    way: row.way as ReviewWay,
    at: row.at,
  };
}

export function readLaterReviewRow(row: Selectable<LaterReviewTable>): LaterReview {
  return {
    by: readReviewer(row),
    outcome: row.outcome as LaterReview['outcome'],
    reason: row.reason,
    way: row.way as ReviewWay,
    at: row.at,
  };
}

type ReviewerColumns = Pick<
  Selectable<ReviewTable>,
  'reviewer' | 'reviewer_name' | 'reviewer_person' | 'reviewer_groups'
>;

function readReviewer(row: ReviewerColumns): Reviewer {
  return {
    subject: row.reviewer,
    name: row.reviewer_name,
    person: row.reviewer_person,
    groups: JSON.parse(row.reviewer_groups) as readonly string[],
  };
}
