import type { Insertable, Selectable } from 'kysely';
import { canonicalJson } from '../../core/audit/digest.ts';
import type { Decision } from '../../core/decision.ts';
import type { Principal } from '../../core/principal.ts';
import type { AccessRequest, RequestId, RequestState, Review } from '../../core/request.ts';
import type { DecisionTable, RequestRow, RequestTable, ReviewTable } from './schema.ts';

/** The columns of a joined decision; all null where there is none yet. */
export type DecisionColumns = {
  readonly answer: string | null;
  readonly policy_version: string | null;
  readonly policy_input: string | null;
};

/** What a transition may change; the rest is written once, with the request. */
export function buildRequestChange(request: AccessRequest) {
  return {
    state: request.state,
    version: request.version,
    scopes: JSON.stringify(request.scopes),
    duration_seconds: request.durationSeconds,
    digest: request.digest,
    lapses_at: request.lapsesAt,
    claim_by: request.claimBy,
    review_count: request.reviews.length,
    grant_id: request.grantId,
  };
}

export function buildRequestRow(request: AccessRequest): Insertable<RequestTable> {
  const { subject, ...requester } = request.requestedBy;
  return {
    ...buildRequestChange(request),
    id: request.id,
    requested_by: subject,
    requester: JSON.stringify(requester),
    target: request.target,
    reason: request.reason,
    ticket: request.ticket,
    extends_grant_id: request.extendsGrantId,
    break_glass: request.breakGlass ? 1 : 0,
    created_at: request.createdAt,
    decision_version: request.decision ? request.version : null,
  };
}

export function buildDecisionRow(
  request: Pick<AccessRequest, 'id' | 'version'>,
  decision: Decision,
): Insertable<DecisionTable> {
  const { policyVersion, input, ...answer } = decision;
  return {
    request_id: request.id,
    version: request.version,
    outcome: decision.outcome,
    answer: JSON.stringify(answer),
    policy_version: policyVersion,
    policy_input: input,
  };
}

export function buildReviewRow(
  request: AccessRequest,
  review: Review,
  position: number,
): Insertable<ReviewTable> {
  return {
    request_id: request.id,
    position,
    requested_by: request.requestedBy.subject,
    reviewer: review.by.subject,
    reviewer_name: review.by.name,
    outcome: review.outcome,
    reason: review.reason,
    at: review.at,
  };
}

/** True when policy answered anew between the two. */
export function isNewDecision(before: Decision | null, after: Decision | null): boolean {
  if (before === after) return false;
  return canonicalJson(before) !== canonicalJson(after);
}

export function readRequestRow(row: RequestRow & DecisionColumns, reviews: readonly Review[]): AccessRequest {
  return {
    id: row.id as RequestId,
    state: row.state as RequestState,
    version: row.version,
    requestedBy: { subject: row.requested_by, ...(JSON.parse(row.requester) as Omit<Principal, 'subject'>) },
    scopes: JSON.parse(row.scopes) as readonly string[],
    target: row.target,
    durationSeconds: row.duration_seconds,
    reason: row.reason,
    ticket: row.ticket,
    extendsGrantId: row.extends_grant_id,
    breakGlass: row.break_glass === 1,
    digest: row.digest,
    createdAt: row.created_at,
    lapsesAt: row.lapses_at,
    claimBy: row.claim_by,
    decision: readDecision(row),
    reviews,
    grantId: row.grant_id,
  };
}

function readDecision(row: DecisionColumns): Decision | null {
  if (row.answer === null || row.policy_version === null || row.policy_input === null) return null;
  const answer = JSON.parse(row.answer) as Omit<Decision, 'policyVersion' | 'input'>;
  return { ...answer, policyVersion: row.policy_version, input: row.policy_input };
}

export function readReviewRow(row: Selectable<ReviewTable>): Review {
  return {
    by: { subject: row.reviewer, name: row.reviewer_name },
    outcome: row.outcome as Review['outcome'],
    reason: row.reason,
    at: row.at,
  };
}
