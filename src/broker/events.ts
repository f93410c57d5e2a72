import type { AuditEvent, AuditEventKind } from '../core/audit/event.ts';
import type { Decision } from '../core/decision.ts';
import type { Grant } from '../core/grant.ts';
import type { AccessRequest } from '../core/request.ts';
import type { Broker } from './parts.ts';

export const SYSTEM = 'system';

export type EventDraft = {
  readonly kind: AuditEventKind;
  readonly actor: string;
  readonly requestId?: string | null;
  readonly grantId?: string | null;
  readonly detail?: Readonly<Record<string, unknown>>;
};

export function buildEvent(broker: Pick<Broker, 'ids' | 'clock'>, draft: EventDraft): AuditEvent {
  return {
    id: broker.ids.newEventId(),
    kind: draft.kind,
    at: broker.clock.now(),
    actor: draft.actor,
    requestId: draft.requestId ?? null,
    grantId: draft.grantId ?? null,
    detail: draft.detail ?? {},
  };
}

/** What an auditor must see of a request: all that was asked, and the digest that page and token share. */
export function describeRequest(request: AccessRequest): Readonly<Record<string, unknown>> {
  return {
    state: request.state,
    scopes: request.scopes,
    target: request.target,
    duration_seconds: request.durationSeconds,
    reason: request.reason,
    ticket: request.ticket,
    extends_grant_id: request.extendsGrantId,
    break_glass: request.breakGlass,
    digest: request.digest,
    ...(request.decision ? { decision: describeDecision(request.decision) } : {}),
  };
}

export function describeGrant(grant: Grant): Readonly<Record<string, unknown>> {
  return {
    scopes: grant.scopes,
    target: grant.target,
    expires_at: grant.expiresAt,
    digest: grant.digest,
    handle: grant.handle,
  };
}

function describeDecision(decision: Decision): Readonly<Record<string, unknown>> {
  return {
    outcome: decision.outcome,
    rule: decision.rule,
    reasons: decision.reasons,
    policy_version: decision.policyVersion,
  };
}
