import type { Insertable } from 'kysely';
import { isSameValue } from '../../../core/audit/digest.ts';
import { type Decision, NO_OBLIGATIONS } from '../../../core/decision.ts';
import type { Principal } from '../../../core/principal.ts';
import type {
  AccessRequest,
  LaterReview,
  Origin,
  RequestId,
  RequestState,
  Review,
} from '../../../core/request.ts';
import type { DecisionTable, RequestRow, RequestTable } from '../schema.ts';
import { memoise } from './memoise.ts';

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
    escalated_at: request.escalatedAt,
    review_due_at: request.afterwards?.dueAt ?? null,
    reviewed_later_at: request.afterwards?.review?.at ?? null,
    grant_id: request.grantId,
  };
}

export function buildRequestRow(request: AccessRequest): Insertable<RequestTable> {
  const { subject, person, ...requester } = request.requestedBy;
  return {
    ...buildRequestChange(request),
    id: request.id,
    requested_by: subject,
    requester_person: person,
    requester: JSON.stringify(requester),
    origin: JSON.stringify(request.origin),
    original_scopes: JSON.stringify(request.originally.scopes),
    original_seconds: request.originally.durationSeconds,
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

/** True when policy answered anew between the two. */
export function isNewDecision(before: Decision | null, after: Decision | null): boolean {
  return before !== after && !isSameValue(before, after);
}

/** What other tables have of a request. */
export type RequestParts = {
  readonly reviews: readonly Review[];
  readonly laterReview: LaterReview | null;
};

/** Reads rows of one list: what many of them say alike is decoded once. */
export function createRequestReader(): (
  row: RequestRow & DecisionColumns,
  parts: RequestParts,
) => AccessRequest {
  const texts = {
    scopes: memoise((text) => JSON.parse(text) as readonly string[]),
    requester: memoise((text) => JSON.parse(text) as StoredRequester),
    answer: memoise(readAnswer),
  };
  return (row, parts) => readRequestRow(row, parts, texts);
}

type StoredRequester = Pick<Principal, 'name' | 'kind' | 'groups'>;
type Answer = Omit<Decision, 'policyVersion' | 'input'>;

type Texts = {
  readonly scopes: (text: string) => readonly string[];
  readonly requester: (text: string) => StoredRequester;
  readonly answer: (text: string) => Answer;
};

function readRequestRow(row: RequestRow & DecisionColumns, parts: RequestParts, texts: Texts): AccessRequest {
  return {
    id: row.id as RequestId,
    state: row.state as RequestState,
    version: row.version,
    requestedBy: readRequester(row, texts),
    origin: JSON.parse(row.origin) as Origin,
    originally: { scopes: texts.scopes(row.original_scopes), durationSeconds: row.original_seconds },
    scopes: texts.scopes(row.scopes),
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
    decision: readDecision(row, texts),
    reviews: parts.reviews,
    escalatedAt: row.escalated_at,
    afterwards: row.review_due_at === null ? null : { dueAt: row.review_due_at, review: parts.laterReview },
    grantId: row.grant_id,
  };
}

function readRequester(row: RequestRow, texts: Texts): Principal {
  const { name, kind, groups } = texts.requester(row.requester);
  return { subject: row.requested_by, name, kind, groups, person: row.requester_person };
}

function readDecision(row: DecisionColumns, texts: Texts): Decision | null {
  if (row.answer === null || row.policy_version === null || row.policy_input === null) return null;
  return { ...texts.answer(row.answer), policyVersion: row.policy_version, input: row.policy_input };
}

function readAnswer(text: string): Answer {
  const answer = JSON.parse(text) as Answer;
  return {
    ...answer,
    obligations: readObligations(answer),
    verdicts: answer.verdicts.map((verdict) => ({ ...verdict, obligations: readObligations(verdict) })),
  };
}

// An answer that was given before there was such an obligation did not make it.
function readObligations({ obligations }: Pick<Decision, 'obligations'>): Decision['obligations'] {
  return { ...NO_OBLIGATIONS, ...obligations };
}
