import { findMaxSeconds } from '../core/ask.ts';
import { requireScope } from '../core/catalogue.ts';
import type { Credential } from '../core/credential.ts';
import { fail, hasCode, JitError } from '../core/errors.ts';
import { type Grant, isGrantUsable, NOT_REVOKED } from '../core/grant.ts';
import type { Connector } from '../core/ports/connector.ts';
import type { AccessRequest } from '../core/request.ts';
import { SECOND_MS } from '../core/time.ts';
import { buildIssueOrder, type Delivery } from './delivery.ts';
import { buildEvent, describeGrant } from './events.ts';
import { type Broker, requireConnector } from './parts.ts';
import { beginRevocation, buildExpiry, REMOVE_DEADLINE_MS } from './revoke.ts';

/** Turns an approved request into an active grant: the intent first (S4), then the credential, then the record of it. */
export async function provision(broker: Broker, request: AccessRequest): Promise<Delivery> {
  const connector = requireConnector(broker, request.target);
  const intent = await recordIntent(broker, request, connector);
  const credential = await issueOrGiveUp(broker, intent.grant, connector);
  return activate(broker, intent, { connector, credential });
}

/** The grant as it is, with a token and a new password: for an answer that was lost or a second machine. */
export async function deliver(broker: Broker, request: AccessRequest, grant: Grant): Promise<Delivery> {
  const connector = requireConnector(broker, grant.target);
  const credential = await connector.issue(buildIssueOrder(broker, grant, connector));
  const after = { ...grant, version: grant.version + 1 };
  const outcome = await broker.store.commit({
    grant: { before: grant, after },
    event: buildEvent(broker, {
      kind: 'grant.redelivered',
      actor: grant.heldBy.subject,
      requestId: request.id,
      grantId: grant.id,
    }),
  });
  if (outcome === 'committed')
    return { request, grant: after, token: await broker.signer.sign(after), credential };
  return deliverAfterChange(broker, request, { grant, connector });
}

type Intent = { readonly request: AccessRequest; readonly grant: Grant };

async function recordIntent(broker: Broker, request: AccessRequest, connector: Connector): Promise<Intent> {
  const unfinished = await broker.store.findLiveGrant(request.id);
  if (unfinished?.state === 'provisioning') return { request, grant: unfinished };
  if (unfinished)
    throw fail('target_failed', { target: request.target, why: 'an earlier try is still being removed' });
  const grant = buildGrant(broker, request, connector);
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
    work: [{ queue: buildExpiry(grant) }],
  });
  if (outcome === 'lost') throw fail('lost_race', { what: request.id });
  return { request: after, grant };
}

function buildGrant(broker: Broker, request: AccessRequest, connector: Connector): Grant {
  const now = broker.clock.now();
  const id = broker.ids.newGrantId();
  const maxSeconds = findMaxSeconds(request.scopes.map((scope) => requireScope(broker.catalogue, scope)));
  return {
    id,
    requestId: request.id,
    state: 'provisioning',
    version: 1,
    scopes: request.scopes,
    target: request.target,
    heldBy: { subject: request.requestedBy.subject, name: request.requestedBy.name },
    digest: request.digest,
    tokenId: broker.ids.newTokenId(),
    claimedAt: now,
    expiresAt: now + request.durationSeconds * SECOND_MS,
    latestEndAt: now + Math.max(maxSeconds, request.durationSeconds) * SECOND_MS,
    lastUsedAt: null,
    endedAt: null,
    endedBecause: null,
    handle: connector.plan(id),
    revocation: NOT_REVOKED,
  };
}

async function issueOrGiveUp(broker: Broker, grant: Grant, connector: Connector): Promise<Credential> {
  try {
    const order = buildIssueOrder(broker, grant, connector);
    const credential = await connector.issue(order);
    await connector.probe(credential, order.deadlineAt);
    return credential;
  } catch (error) {
    await beginRevocation(broker, grant, { because: 'failed', actor: grant.heldBy.subject });
    if (error instanceof JitError) throw error;
    throw fail('target_failed', { target: grant.target, why: 'the connector failed' }, error);
  }
}

type Made = { readonly connector: Connector; readonly credential: Credential };

async function activate(broker: Broker, { request, grant }: Intent, made: Made): Promise<Delivery> {
  const active = { ...grant, state: 'active' as const, version: grant.version + 1 };
  const claimed = { ...request, state: 'claimed' as const, grantId: grant.id, version: request.version + 1 };
  const outcome = await broker.store.commit({
    request: { before: request, after: claimed },
    grant: { before: grant, after: active },
    event: buildEvent(broker, {
      kind: 'grant.activated',
      actor: grant.heldBy.subject,
      requestId: request.id,
      grantId: grant.id,
      detail: describeGrant(active),
    }),
    work: [{ finish: `lapse:${request.id}` }],
  });
  if (outcome === 'lost') return deliverAfterChange(broker, request, { grant, connector: made.connector });
  return {
    request: claimed,
    grant: active,
    token: await broker.signer.sign(active),
    credential: made.credential,
  };
}

type Raced = { readonly grant: Grant; readonly connector: Connector };

/** Someone else moved the grant while its credential was made: go on from where it is now, or leave nothing behind. */
async function deliverAfterChange(broker: Broker, request: AccessRequest, raced: Raced): Promise<Delivery> {
  const grant = await broker.store.readGrant(raced.grant.id);
  const current = (await broker.store.readRequest(request.id)) ?? request;
  if (grant && isGrantUsable(grant, broker.clock.now())) return deliver(broker, current, grant);
  await removeStray(broker, raced).catch((error: unknown) => {
    if (!hasCode(error, 'target_failed')) throw error;
  });
  throw fail('no_grant', { why: `${raced.grant.id} was ended while it was being delivered` });
}

async function removeStray(broker: Broker, { grant, connector }: Raced): Promise<void> {
  const handle = grant.handle ?? connector.plan(grant.id);
  const deadlineAt = broker.clock.now() + REMOVE_DEADLINE_MS;
  await connector.remove(handle, { scopes: grant.scopes, deadlineAt });
}
