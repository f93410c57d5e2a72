import * as v from 'valibot';
import {
  LONGEST_ASK_SECONDS,
  LONGEST_ID_CHARACTERS,
  LONGEST_REVOKE_WAIT_SECONDS,
  LONGEST_TEXT_BYTES,
  MOST_SCOPES,
} from '../limits.ts';
import { formatInstant } from '../time.ts';
import type { PersonView, ScopeView, StatusView } from '../view.ts';
import { claimedMessage } from './claim.ts';
import {
  count,
  encodeList,
  encodeTexts,
  instant,
  outcome,
  scopeName,
  seconds,
  targetName,
  text,
  texts,
} from './fields.ts';
import { encodeGrant, grantMessage } from './grant.ts';
import { decisionMessage, encodeRequest, requestMessage } from './request.ts';

/** What a client may say when it asks. Strict: status, approver and deadlines are never taken from it (S2). */
export const askMessage = v.strictObject({
  scopes: v.pipe(v.array(scopeName), v.minLength(1), v.maxLength(MOST_SCOPES)),
  target: targetName,
  duration_seconds: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(LONGEST_ASK_SECONDS)),
  reason: v.pipe(v.string(), v.maxBytes(LONGEST_TEXT_BYTES)),
  ticket: v.optional(v.nullable(v.pipe(v.string(), v.maxBytes(LONGEST_TEXT_BYTES))), null),
  extends_grant_id: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(LONGEST_ID_CHARACTERS))), null),
  break_glass: v.optional(v.boolean(), false),
});

/** How a grant is given back: by its holder (`done`) or by someone who takes it (`revoked`). */
export const revokeMessage = v.strictObject({
  because: v.picklist(['done', 'revoked']),
  wait_seconds: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LONGEST_REVOKE_WAIT_SECONDS)),
    0,
  ),
});

/** A message that says nothing beyond its address. */
export const emptyMessage = v.strictObject({});

/** The answer to asking: a grant where policy granted it at once. `joined`: it was asked for before, with another key. */
export const submittedMessage = v.object({
  request: requestMessage,
  claimed: v.nullable(claimedMessage),
  joined: v.optional(v.boolean(), false),
});

export const previewMessage = v.object({ decision: decisionMessage, can_approve: texts });

export const statusMessage = v.pipe(
  v.object({ as_of: instant, requests: v.array(requestMessage), grants: v.array(grantMessage) }),
  v.transform((wire): StatusView => ({ asOf: wire.as_of, requests: wire.requests, grants: wire.grants })),
);

export const requestAnswer = v.object({ request: requestMessage });
export const grantAnswer = v.object({ grant: grantMessage });

export const personMessage = v.pipe(
  v.object({
    subject: text,
    name: text,
    kind: v.picklist(['person', 'workload']),
    groups: texts,
    login: v.object({ method: v.picklist(['device', 'browser', 'workload']), at: instant }),
  }),
  v.transform((wire): PersonView => wire),
);

const scopeTarget = v.pipe(
  v.object({
    name: targetName,
    kind: text,
    takes_certificates: v.optional(v.boolean()),
    outcome,
    automatic_seconds: v.optional(seconds),
    can_approve: v.optional(texts, []),
  }),
  v.transform(
    ({
      can_approve,
      takes_certificates: takesCertificates,
      automatic_seconds: automaticSeconds,
      ...wire
    }): ScopeView['targets'][number] => ({
      ...wire,
      canApprove: can_approve,
      ...(takesCertificates === undefined ? {} : { takesCertificates }),
      ...(automaticSeconds === undefined ? {} : { automaticSeconds }),
    }),
  ),
);

const scopeMessage = v.pipe(
  v.object({
    name: scopeName,
    description: text,
    sensitivity: v.picklist(['low', 'medium', 'high', 'critical']),
    default_seconds: seconds,
    max_seconds: seconds,
    targets: v.array(scopeTarget),
    minimum_reason_length: count,
    needs_ticket: v.boolean(),
  }),
  v.transform(
    (wire): ScopeView => ({
      name: wire.name,
      description: wire.description,
      sensitivity: wire.sensitivity,
      defaultSeconds: wire.default_seconds,
      maxSeconds: wire.max_seconds,
      targets: wire.targets,
      minimumReasonLength: wire.minimum_reason_length,
      needsTicket: wire.needs_ticket,
    }),
  ),
);

export const scopesMessage = v.object({ scopes: v.array(scopeMessage) });

export function encodeScope(view: ScopeView): v.InferInput<typeof scopeMessage> {
  return {
    name: view.name,
    description: view.description,
    sensitivity: view.sensitivity,
    default_seconds: view.defaultSeconds,
    max_seconds: view.maxSeconds,
    targets: view.targets.map(({ canApprove, takesCertificates, automaticSeconds, ...target }) => ({
      ...target,
      ...(automaticSeconds === undefined ? {} : { automatic_seconds: automaticSeconds }),
      ...(takesCertificates === undefined ? {} : { takes_certificates: takesCertificates }),
      can_approve: encodeList(canApprove),
    })),
    minimum_reason_length: view.minimumReasonLength,
    needs_ticket: view.needsTicket,
  };
}

export function encodeStatus(view: StatusView): v.InferInput<typeof statusMessage> {
  return {
    as_of: formatInstant(view.asOf),
    requests: view.requests.map(encodeRequest),
    grants: view.grants.map(encodeGrant),
  };
}

/** Of all that is known of somebody, what they are told of themselves. */
export function encodePerson({
  subject,
  name,
  kind,
  groups,
  login,
}: PersonView): v.InferInput<typeof personMessage> {
  const { method, at } = login;
  return { subject, name, kind, groups: encodeTexts(groups), login: { method, at: formatInstant(at) } };
}
