import type { Decision } from '../core/decision.ts';
import type { Grant } from '../core/grant.ts';
import type { Principal } from '../core/principal.ts';
import type { AccessRequest } from '../core/request.ts';
import type { DecisionView, GrantView, RequestView } from '../core/view.ts';
import { isPermitted } from './decide.ts';
import type { Asker, Broker } from './parts.ts';

export async function viewRequest(broker: Broker, request: AccessRequest): Promise<RequestView> {
  return {
    id: request.id,
    url: `${broker.settings.url}/requests/${request.id}`,
    state: request.state,
    scopes: request.scopes,
    target: request.target,
    durationSeconds: request.durationSeconds,
    reason: request.reason,
    ticket: request.ticket,
    requestedBy: request.requestedBy.name,
    createdAt: request.createdAt,
    lapsesAt: request.lapsesAt,
    claimBy: request.claimBy,
    decision: request.decision ? viewDecision(request.decision, request) : null,
    approvals: {
      needed: request.decision?.outcome === 'needs_people' ? request.decision.obligations.approvals : 0,
      given: request.reviews.filter((review) => review.outcome === 'approved').length,
    },
    canApprove: request.state === 'pending' ? await listApprovers(broker, request) : [],
    told: [],
    grantId: request.grantId,
    extendsGrantId: request.extendsGrantId,
    breakGlass: request.breakGlass,
  };
}

export function viewDecision(decision: Decision, request?: Pick<AccessRequest, 'reviews'>): DecisionView {
  return {
    outcome: decision.outcome,
    rule: decision.rule,
    reasons: decision.reasons,
    advice: decision.advice,
    reviews: (request?.reviews ?? []).map((review) => ({
      by: review.by.name,
      outcome: review.outcome,
      reason: review.reason,
      at: review.at,
    })),
  };
}

export function viewGrant(broker: Pick<Broker, 'settings'>, grant: Grant): GrantView {
  return {
    id: grant.id,
    url: `${broker.settings.url}/grants/${grant.id}`,
    requestId: grant.requestId,
    state: grant.state,
    scopes: grant.scopes,
    target: grant.target,
    heldBy: grant.heldBy.name,
    claimedAt: grant.claimedAt,
    expiresAt: grant.expiresAt,
    lastUsedAt: grant.lastUsedAt,
    endedAt: grant.endedAt,
    endedBecause: grant.endedBecause,
    revocation: grant.revocation,
  };
}

/** Names of those who could approve as far as the directory knows people: never the requester (S3). */
export async function listApprovers(
  broker: Broker,
  request: Pick<AccessRequest, 'requestedBy' | 'scopes' | 'target' | 'decision'>,
): Promise<readonly string[]> {
  const groups = request.decision?.obligations.approverGroups ?? [];
  const people = await broker.directory.list();
  return people
    .filter((person) => person.kind === 'person' && person.subject !== request.requestedBy.subject)
    .filter((person) => groups.length === 0 || groups.some((group) => person.groups.includes(group)))
    .filter((person) =>
      request.scopes.every((scope) => mayApprove(broker, person, { scope, target: request.target })),
    )
    .map((person) => person.name);
}

function mayApprove(
  broker: Broker,
  principal: Principal,
  about: { readonly scope: string; readonly target: string },
): boolean {
  const asker: Asker = { principal, login: { method: 'browser', at: broker.clock.now() }, ip: '127.0.0.1' };
  return isPermitted(broker, asker, { action: 'approve', ...about });
}
