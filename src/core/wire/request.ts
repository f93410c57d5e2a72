import * as v from 'valibot';
import { REQUEST_STATES } from '../request.ts';
import { formatInstant } from '../time.ts';
import type { DecisionView, RequestView } from '../view.ts';
import {
  count,
  encodeInstant,
  instant,
  nullableInstant,
  nullableText,
  outcome,
  seconds,
  text,
  texts,
} from './fields.ts';

export const decisionMessage = v.pipe(
  v.object({
    outcome,
    rule: nullableText,
    reasons: texts,
    advice: texts,
    reviews: v.array(
      v.object({ by: text, outcome: v.picklist(['approved', 'denied']), reason: nullableText, at: instant }),
    ),
  }),
  v.transform((wire): DecisionView => wire),
);

/** A request on the wire (product.md, JSON). Unknown fields are ignored: a newer server may send more. */
export const requestMessage = v.pipe(
  v.object({
    id: v.pipe(v.string(), v.regex(/^req_[0-9a-z]{1,64}$/)),
    url: text,
    state: v.picklist(REQUEST_STATES),
    scopes: texts,
    target: text,
    duration_seconds: seconds,
    reason: text,
    ticket: nullableText,
    requested_by: text,
    created_at: instant,
    lapses_at: instant,
    claim_by: nullableInstant,
    decision: v.nullable(decisionMessage),
    approvals: v.object({ needed: count, given: count }),
    can_approve: texts,
    told: texts,
    grant_id: nullableText,
    extends_grant_id: nullableText,
    break_glass: v.boolean(),
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
    }),
  ),
);

export type RequestDocument = v.InferInput<typeof requestMessage>;

export function encodeRequest(view: RequestView): RequestDocument {
  return {
    id: view.id,
    url: view.url,
    state: view.state,
    scopes: [...view.scopes],
    target: view.target,
    duration_seconds: view.durationSeconds,
    reason: view.reason,
    ticket: view.ticket,
    requested_by: view.requestedBy,
    created_at: formatInstant(view.createdAt),
    lapses_at: formatInstant(view.lapsesAt),
    claim_by: encodeInstant(view.claimBy),
    decision: view.decision ? encodeDecision(view.decision) : null,
    approvals: view.approvals,
    can_approve: [...view.canApprove],
    told: [...view.told],
    grant_id: view.grantId,
    extends_grant_id: view.extendsGrantId,
    break_glass: view.breakGlass,
  };
}

export function encodeDecision(view: DecisionView): v.InferInput<typeof decisionMessage> {
  return {
    outcome: view.outcome,
    rule: view.rule,
    reasons: [...view.reasons],
    advice: [...view.advice],
    reviews: view.reviews.map((review) => ({ ...review, at: formatInstant(review.at) })),
  };
}
