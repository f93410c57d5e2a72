import { findMaxSeconds } from '../../core/ask.ts';
import { requireScope } from '../../core/catalogue.ts';
import { fail } from '../../core/errors.ts';
import { type Grant, NOT_REVOKED } from '../../core/grant.ts';
import type { Connector } from '../../core/ports/connector.ts';
import type { AccessRequest } from '../../core/request.ts';
import { SECOND_MS } from '../../core/time.ts';
import { buildEvent, describeGrant, SYSTEM } from '../events.ts';
import { type Broker, requireConnector } from '../parts.ts';
import { capGrant, requireRoomToHold } from '../request/caps.ts';
import { buildIdleCheck } from '../revocation/idle.ts';
import { beginRevocation, buildExpiry } from '../revocation/revoke.ts';
import { requireAudience, type ServingBroker } from './audience.ts';

/** A request, and the grant that was begun for it: what is going to be made, on record before it is made (S4). */
export type Intent = { readonly request: AccessRequest; readonly grant: Grant };

/** Begins a grant, or finds the one that was begun and never finished. Undefined when the request has moved on. */
export async function recordIntent(
  broker: ServingBroker,
  request: AccessRequest,
): Promise<Intent | undefined> {
  const connector = requireConnector(broker, request.target);
  const begun = await broker.store.findLiveGrant(request.id);
  if (begun) return resume(broker, request, begun);
  const grant = buildGrant(broker, request, connector);
  const idleCheck = buildIdleCheck(grant);
  const after = { ...request, grantId: grant.id, version: request.version + 1 };
  const outcome = await broker.store.commit({
    request: { before: request, after },
    grant: { insert: grant },
    event: buildEvent(broker, {
      kind: 'grant.provisioning',
      actor: grant.heldBy.subject,
      requestId: request.id,
      grantId: grant.id,
      detail: describeGrant(grant),
    }),
    work: [buildExpiry(grant), ...(idleCheck ? [idleCheck] : [])].map((queue) => ({ queue })),
    caps: capGrant(broker, request),
  });
  if (outcome === 'committed') return { request: after, grant };
  await requireRoomToHold(broker, request);
  return undefined;
}

async function resume(
  broker: ServingBroker,
  request: AccessRequest,
  begun: Grant,
): Promise<Intent | undefined> {
  if (begun.state === 'active') return undefined;
  const isOver = broker.clock.now() >= begun.expiresAt;
  if (begun.state === 'provisioning' && !isOver) return takeOver(broker, request, begun);
  await beginRevocation(broker, begun, { because: 'expired', actor: SYSTEM });
  throw fail('target_failed', { target: request.target, why: 'an earlier try is still being removed' });
}

/** From then on it is this claim's: another that is still at it, on another replica, makes nothing active and ends nothing. */
async function takeOver(
  broker: ServingBroker,
  request: AccessRequest,
  begun: Grant,
): Promise<Intent | undefined> {
  requireAudience(broker, begun);
  const grant = { ...begun, version: begun.version + 1 };
  const after = { ...request, version: request.version + 1 };
  const outcome = await broker.store.commit({
    request: { before: request, after },
    grant: { before: begun, after: grant },
    event: buildEvent(broker, {
      kind: 'grant.provisioning',
      actor: grant.heldBy.subject,
      requestId: request.id,
      grantId: grant.id,
      detail: { ...describeGrant(grant), taken_over: true },
    }),
  });
  return outcome === 'committed' ? { request: after, grant } : undefined;
}

function buildGrant(broker: Broker, request: AccessRequest, connector: Connector): Grant {
  const now = broker.clock.now();
  const id = broker.ids.newGrantId();
  // The maximum may have been lowered since the request was approved.
  const maxSeconds = findMaxSeconds(request.scopes.map((scope) => requireScope(broker.catalogue, scope)));
  const idleSeconds = request.decision?.obligations.idleSeconds ?? null;
  return {
    id,
    requestId: request.id,
    state: 'provisioning',
    version: 1,
    scopes: request.scopes,
    target: request.target,
    heldBy: { subject: request.requestedBy.subject, name: request.requestedBy.name },
    ...(request.breakGlass ? { breakGlass: true } : {}),
    digest: request.digest,
    tokenId: broker.ids.newTokenId(),
    claimedAt: now,
    expiresAt: now + Math.min(request.durationSeconds, maxSeconds) * SECOND_MS,
    latestEndAt: now + maxSeconds * SECOND_MS,
    lastUsedAt: null,
    endedAt: null,
    endedBecause: null,
    handle: connector.plan(id),
    ...(idleSeconds === null ? {} : { idleSeconds }),
    revocation: NOT_REVOKED,
  };
}
