import * as v from 'valibot';
import { REQUEST_STATES, REVIEW_WAYS } from '../request.ts';
import { formatInstant } from '../time.ts';
import type { AfterwardsView, DecisionView, RequestView } from '../view.ts';
import {
  count,
  encodeInstant,
  encodeList,
  encodeTexts,
  instant,
  nullableInstant,
  nullableText,
  outcome,
  scopeNames,
  seconds,
  targetName,
  text,
  texts,
} from './fields.ts';

export const decisionMessage = v.pipe(
  v.object({
    outcome,
    rule: nullableText,
    reasons: texts,
    advice: texts,
    idle_seconds: v.optional(seconds),
    reviews: v.array(
      v.object({
        by: text,
        outcome: v.picklist(['approved', 'denied']),
        reason: nullableText,
        at: instant,
        way: v.picklist(REVIEW_WAYS),
        scopes: scopeNames,
        duration_seconds: seconds,
      }),
    ),
  }),
  v.transform(
    ({ reviews, idle_seconds, ...wire }): DecisionView => ({
      ...wire,
      ...(idle_seconds === undefined ? {} : { idleSeconds: idle_seconds }),
      reviews: reviews.map(({ duration_seconds, ...review }) => ({
        ...review,
        durationSeconds: duration_seconds,
      })),
    }),
  ),
);

const afterwardsMessage = v.object({
  due_at: instant,
  state: v.picklist(['due', 'overdue', 'accepted', 'objected']),
  by: nullableText,
  reason: nullableText,
  at: nullableInstant,
});

/** A request on the wire (docs/protocol.md). Unknown fields are ignored: a newer server may send more. */
export const requestMessage = v.pipe(
  v.object({
    id: v.pipe(v.string(), v.regex(/^req_[0-9a-z]{1,64}$/)),
    url: text,
    state: v.picklist(REQUEST_STATES),
    scopes: scopeNames,
    target: targetName,
    duration_seconds: seconds,
    reason: text,
    ticket: nullableText,
    requested_by: text,
    created_at: instant,
    lapses_at: instant,
    claim_by: nullableInstant,
    decision: v.nullable(decisionMessage),
    approvals: v.object({ needed: count, given: count, groups: texts }),
    can_approve: texts,
    told: texts,
    grant_id: nullableText,
    extends_grant_id: nullableText,
    break_glass: v.boolean(),
    originally: v.object({ scopes: scopeNames, duration_seconds: seconds }),
    escalated_at: nullableInstant,
    afterwards: v.nullable(afterwardsMessage),
    digest: text,
  }),
  v.transform(
    (wire): RequestView => ({
      id: wire.id,
      url: wire.url,
      state: wire.state,
      scopes: wire.scopes,
      target: wire.target,
      durationSeconds: wire.duration_seconds,
      reason: wire.reason,
      ticket: wire.ticket,
      requestedBy: wire.requested_by,
      createdAt: wire.created_at,
      lapsesAt: wire.lapses_at,
      claimBy: wire.claim_by,
      decision: wire.decision,
      approvals: wire.approvals,
      canApprove: wire.can_approve,
      told: wire.told,
      grantId: wire.grant_id,
      extendsGrantId: wire.extends_grant_id,
      breakGlass: wire.break_glass,
      originally: { scopes: wire.originally.scopes, durationSeconds: wire.originally.duration_seconds },
      escalatedAt: wire.escalated_at,
      afterwards: wire.afterwards && readAfterwards(wire.afterwards),
      digest: wire.digest,
    }),
  ),
);

function readAfterwards({ due_at, ...rest }: v.InferOutput<typeof afterwardsMessage>): AfterwardsView {
  return { ...rest, dueAt: due_at };
}

export type RequestDocument = v.InferInput<typeof requestMessage>;

export function encodeRequest(view: RequestView): RequestDocument {
  return {
    id: view.id,
    url: view.url,
    state: view.state,
    scopes: encodeList(view.scopes),
    target: view.target,
    duration_seconds: view.durationSeconds,
    reason: view.reason,
    ticket: view.ticket,
    requested_by: view.requestedBy,
    created_at: formatInstant(view.createdAt),
    lapses_at: formatInstant(view.lapsesAt),
    claim_by: encodeInstant(view.claimBy),
    decision: view.decision ? encodeDecision(view.decision) : null,
    approvals: { ...view.approvals, groups: encodeList(view.approvals.groups) },
    can_approve: encodeTexts(view.canApprove),
    told: encodeList(view.told),
    grant_id: view.grantId,
    extends_grant_id: view.extendsGrantId,
    break_glass: view.breakGlass,
    originally: {
      scopes: encodeList(view.originally.scopes),
      duration_seconds: view.originally.durationSeconds,
    },
    escalated_at: encodeInstant(view.escalatedAt),
    afterwards: view.afterwards && encodeAfterwards(view.afterwards),
    digest: view.digest,
  };
}

export function encodeDecision(view: DecisionView): v.InferInput<typeof decisionMessage> {
  return {
    outcome: view.outcome,
    rule: view.rule,
    reasons: encodeList(view.reasons),
    advice: encodeList(view.advice),
    ...(view.idleSeconds === undefined ? {} : { idle_seconds: view.idleSeconds }),
    reviews: view.reviews.map(({ durationSeconds, ...review }) => ({
      ...review,
      at: formatInstant(review.at),
      scopes: encodeList(review.scopes),
      duration_seconds: durationSeconds,
    })),
  };
}

function encodeAfterwards({ dueAt, at, ...rest }: AfterwardsView): v.InferInput<typeof afterwardsMessage> {
  return { ...rest, due_at: formatInstant(dueAt), at: encodeInstant(at) };
}
