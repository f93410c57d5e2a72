import type { Credential } from '../../core/credential.ts';
import { fail, hasCode, JitError } from '../../core/errors.ts';
import { type Grant, isGrantUsable } from '../../core/grant.ts';
import { TARGET_DEADLINE_MS } from '../../core/limits.ts';
import type { Connector } from '../../core/ports/connector.ts';
import type { AccessRequest } from '../../core/request.ts';
import { buildEvent, describeGrant } from '../events.ts';
import { refresh } from '../notice/notices.ts';
import { type Broker, requireConnector } from '../parts.ts';
import { describeSettled } from '../request/requests.ts';
import { tryRevocation } from '../revocation/revoke.ts';
import { buildWorkId } from '../work/queue.ts';
import { requireAudience, type ServingBroker } from './audience.ts';
import { buildIssueOrder, type Delivery } from './delivery.ts';
import type { Intent } from './intent.ts';
import { waitForOther } from './wait-for-other.ts';

const MOST_TRIED_AGAIN = 4;

/** Turns a recorded intent into an active grant: the credential first, then the record of it. */
export async function provision(broker: ServingBroker, { request, grant }: Intent): Promise<Delivery> {
  const connector = requireConnector(broker, grant.target);
  const credential = await issueOrGiveUp(broker, grant, connector);
  if (credential === 'lost') return deliverAfterChange(broker, request, { grant, connector });
  const active = { ...grant, state: 'active' as const, version: grant.version + 1 };
  const claimed = { ...request, state: 'claimed' as const, grantId: grant.id, version: request.version + 1 };
  const telling = refresh(broker, claimed);
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
    notices: telling.notices,
    work: [{ finish: buildWorkId('lapse', request.id) }, ...telling.work],
  });
  if (outcome === 'lost') return deliverAfterChange(broker, request, { grant, connector });
  if (telling.work.length > 0) broker.wake();
  return { request: claimed, grant: active, token: await broker.signer.sign(active), credential };
}

/** The grant as it is, with a token and a new password: for an answer that was lost or a second machine. */
export async function deliver(
  broker: ServingBroker,
  request: AccessRequest,
  grant: Grant,
): Promise<Delivery> {
  requireAudience(broker, grant);
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
  if (outcome === 'lost') return deliverAfterChange(broker, request, { grant, connector });
  return { request, grant: after, token: await broker.signer.sign(after), credential };
}

/** `lost`: it failed here, and another claim goes on with the grant, or somebody ended it. That is not this one's to end. */
async function issueOrGiveUp(
  broker: Broker,
  grant: Grant,
  connector: Connector,
): Promise<Credential | 'lost'> {
  try {
    return await issueAndProbe(broker, grant, connector);
  } catch (error) {
    const ending = { because: 'failed', actor: grant.heldBy.subject } as const;
    if (!(await tryRevocation(broker, grant, ending))) return 'lost';
    if (error instanceof JitError) throw error;
    throw fail('target_failed', { target: grant.target, why: 'the connector failed' }, error);
  }
}

/**
 * Whoever took the grant over tries again, once for each claim that it was taken from: any of them may have been at the
 * target still, and have set its own password after this one's.
 */
async function issueAndProbe(broker: Broker, grant: Grant, connector: Connector): Promise<Credential> {
  const order = buildIssueOrder(broker, grant, connector);
  for (let others = Math.min(grant.version - 1, MOST_TRIED_AGAIN); ; others -= 1) {
    try {
      const credential = await connector.issue(order);
      await connector.probe(credential, order.deadlineAt);
      return credential;
    } catch (error) {
      if (others <= 0 || !(await isStillHeld(broker, grant))) throw error;
    }
  }
}

async function isStillHeld({ store }: Broker, { id, version }: Grant): Promise<boolean> {
  return (await store.readGrant(id))?.version === version;
}

type Raced = { readonly grant: Grant; readonly connector: Connector };

/** Someone else moved the grant while its credential was made: go on from where it is now, or leave nothing behind. */
async function deliverAfterChange(
  broker: ServingBroker,
  request: AccessRequest,
  raced: Raced,
): Promise<Delivery> {
  const grant = await waitForOther(broker, raced.grant.id);
  if (grant?.state === 'provisioning') throw fail('lost_race', { what: grant.id });
  const current = (await broker.store.readRequest(request.id)) ?? request;
  if (grant && isGrantUsable(grant, broker.clock.now())) return deliver(broker, current, grant);
  await removeStray(broker, raced).catch((error: unknown) => {
    if (!hasCode(error, 'target_failed')) throw error;
  });
  if (current.state === 'cancelled' || current.state === 'lapsed') throw describeSettled(current);
  throw fail('no_grant', { why: `${raced.grant.id} was ended while it was being delivered` });
}

// The removal may have come before the credential that it was to remove.
async function removeStray(broker: Broker, { grant, connector }: Raced): Promise<void> {
  const handle = grant.handle ?? connector.plan(grant.id);
  const deadlineAt = broker.clock.now() + TARGET_DEADLINE_MS;
  await connector.remove(handle, { scopes: grant.scopes, deadlineAt });
}
