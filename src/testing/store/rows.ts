import type { AuditEvent, AuditEventKind } from '../../core/audit/event.ts';
import { type Decision, NO_OBLIGATIONS } from '../../core/decision.ts';
import { type Grant, NOT_REVOKED } from '../../core/grant.ts';
import type { Notice } from '../../core/notice.ts';
import type { Store, Transition, Work, WorkKind } from '../../core/ports/store.ts';
import type { AccessRequest, LaterReview, Review, Reviewer } from '../../core/request.ts';

let made = 0;

/** Different at every call, within one run of the suite. */
export function nextName(prefix: string): string {
  made += 1;
  return `${prefix}${made}`;
}

/** Asks for scopes that no other row asks for: the same again would be `lost`. */
export function buildRequest(changes: Partial<AccessRequest> = {}): AccessRequest {
  const name = nextName('');
  const breadth = { scopes: [`prod:db${name}.read`, `prod:db${name}.write`], durationSeconds: 1800 };
  return {
    ...breadth,
    id: `req_${name}`,
    state: 'pending',
    version: 1,
    requestedBy: {
      subject: 'sub-dev',
      name: 'dev',
      kind: 'person',
      groups: ['engineers', 'on-call'],
      person: 'human-dev',
    },
    origin: { ip: '192.0.2.7', login: { method: 'browser', at: 900, strengths: ['mfa', 'hwk'] } },
    originally: breadth,
    target: 'orders',
    reason: 'INC-4211: "slow" checkout — ½',
    ticket: 'INC-4211',
    extendsGrantId: null,
    breakGlass: false,
    digest: 'digest-of-what-was-asked',
    createdAt: 1_000,
    lapsesAt: 3_601_000,
    claimBy: null,
    decision: null,
    reviews: [],
    escalatedAt: null,
    afterwards: null,
    grantId: null,
    ...changes,
  };
}

export function buildGrant(request: AccessRequest, changes: Partial<Grant> = {}): Grant {
  return {
    id: `gr_${nextName('')}`,
    requestId: request.id,
    state: 'provisioning',
    version: 1,
    scopes: request.scopes,
    target: request.target,
    heldBy: { subject: request.requestedBy.subject, name: request.requestedBy.name },
    digest: request.digest,
    tokenId: nextName('token-'),
    claimedAt: 2_000,
    expiresAt: 1_802_000,
    latestEndAt: 14_402_000,
    lastUsedAt: null,
    endedAt: null,
    endedBecause: null,
    handle: 'jit_installation_grant',
    revocation: NOT_REVOKED,
    ...changes,
  };
}

export function buildDecision(changes: Partial<Decision> = {}): Decision {
  const verdict = {
    scope: 'prod:db.read',
    outcome: 'needs_people',
    rules: ['reads-need-a-dba'],
    reasons: ['a DBA must agree'],
    advice: ['ask in #dba'],
    obligations: { ...NO_OBLIGATIONS, approvals: 2, approverGroups: ['dba'] },
  } as const;
  return {
    outcome: verdict.outcome,
    rule: verdict.rules[0],
    reasons: verdict.reasons,
    advice: verdict.advice,
    obligations: verdict.obligations,
    verdicts: [verdict],
    policyVersion: 'policy-1',
    input: '{"context":{"now":1},"groups":["engineers"],"principal":"sub-dev"}',
    ...changes,
  };
}

export function buildReviewer(subject: string, changes: Partial<Reviewer> = {}): Reviewer {
  return { subject, name: `name of ${subject}`, person: `human-${subject}`, groups: ['dba'], ...changes };
}

/** An approval of all that is asked, unless told otherwise. */
export function buildReview(request: AccessRequest, subject: string, changes: Partial<Review> = {}): Review {
  const { scopes, durationSeconds } = request;
  return {
    by: buildReviewer(subject),
    outcome: 'approved',
    reason: null,
    breadth: { scopes, durationSeconds },
    way: 'page',
    at: 1_500,
    ...changes,
  };
}

export function buildLaterReview(subject: string, changes: Partial<LaterReview> = {}): LaterReview {
  return {
    by: buildReviewer(subject),
    outcome: 'accepted',
    reason: 'the outage was real',
    way: 'cli',
    at: 8_000,
    ...changes,
  };
}

export function buildNotice(requestId: string, changes: Partial<Notice> = {}): Notice {
  return {
    id: `ntc_${nextName('')}`,
    channel: 'webhook',
    kind: 'request.pending',
    requestId,
    createdAt: 1_000,
    state: 'waiting',
    attempts: 0,
    reference: null,
    lastError: null,
    settledAt: null,
    ...changes,
  };
}

export function buildEvent(kind: AuditEventKind, about: Partial<AuditEvent> = {}): AuditEvent {
  return {
    id: nextName('ev_'),
    kind,
    at: 1_000,
    actor: 'sub-dev',
    requestId: null,
    grantId: null,
    detail: { because: 'test' },
    ...about,
  };
}

export function buildWork(kind: WorkKind, changes: Partial<Work> = {}): Work {
  const subject = nextName('gr_');
  return {
    id: `${kind}:${subject}`,
    kind,
    requestId: null,
    grantId: subject,
    target: 'orders',
    dueAt: 5_000,
    attempts: 0,
    lastError: null,
    ...changes,
  };
}

/** A submitted request, as the broker would write it. */
export function submit(request: AccessRequest, rest: Partial<Transition> = {}): Transition {
  return {
    request: { insert: request },
    event: buildEvent('request.submitted', { requestId: request.id }),
    ...rest,
  };
}

/** The row one version on. */
export function advance<T extends { readonly version: number }>(row: T, changes: Partial<T>): T {
  return { ...row, ...changes, version: row.version + 1 };
}

export async function storeRequest(
  store: Store,
  changes: Partial<AccessRequest> = {},
): Promise<AccessRequest> {
  const request = buildRequest(changes);
  await store.commit(submit(request));
  return request;
}

/** An approved request and the grant begun for it. */
export async function storeGrant(store: Store, changes: Partial<Grant> = {}): Promise<Grant> {
  const request = await storeRequest(store, { state: 'approved' });
  const grant = buildGrant(request, changes);
  const event = buildEvent('grant.provisioning', { requestId: request.id, grantId: grant.id });
  await store.commit({ grant: { insert: grant }, event });
  return grant;
}

/** Moves a stored grant and returns it as it is then. */
export async function moveGrant(store: Store, before: Grant, changes: Partial<Grant>): Promise<Grant> {
  const after = advance(before, changes);
  await store.commit({
    grant: { before, after },
    event: buildEvent('grant.activated', { grantId: before.id, requestId: before.requestId }),
  });
  return after;
}
