import { fail } from '../../core/errors.ts';
import { buildExtendedEnd, type Grant, isGrantOf, isGrantUsable } from '../../core/grant.ts';
import type { AccessRequest } from '../../core/request.ts';
import { buildEvent } from '../events.ts';
import { refresh } from '../notice/notices.ts';
import { type Broker, requireConnector } from '../parts.ts';
import { buildExpiry } from '../revocation/revoke.ts';
import { buildWorkId } from '../work/queue.ts';
import { buildIssueOrder, type Delivery } from './delivery.ts';
import { signAgain } from './sign-again.ts';

/**
 * Claims a request for more time: the target first, then the record, so that the grant never promises more than
 * its credential keeps. The grant, its credential and its token id stay.
 */
export async function claimExtension(broker: Broker, request: AccessRequest): Promise<Delivery> {
  const grant = await requireUsable(broker, request);
  const expiresAt = buildExtendedEnd(grant, request.durationSeconds, broker.clock.now());
  const extended = { ...grant, expiresAt, version: grant.version + 1 };
  const connector = requireConnector(broker, grant.target);
  await connector.extend(buildIssueOrder(broker, extended, connector));
  const claimed = { ...request, state: 'claimed' as const, grantId: grant.id, version: request.version + 1 };
  const telling = refresh(broker, claimed);
  const outcome = await broker.store.commit({
    request: { before: request, after: claimed },
    grant: { before: grant, after: extended },
    event: buildEvent(broker, {
      kind: 'grant.extended',
      actor: request.requestedBy.subject,
      requestId: request.id,
      grantId: grant.id,
      detail: { was: grant.expiresAt, expires_at: expiresAt },
    }),
    notices: telling.notices,
    work: [{ finish: buildWorkId('lapse', request.id) }, { queue: buildExpiry(extended) }, ...telling.work],
  });
  if (outcome === 'lost') return retry(broker, request);
  if (telling.work.length > 0) broker.wake();
  // Whoever asks for more time is there.
  if (extended.idleSeconds !== undefined) await broker.store.recordUse(grant.id, broker.clock.now());
  return { request: claimed, grant: extended, token: await broker.signer.sign(extended), credential: null };
}

/** The grant that the request asks more time for: live, and the requester's own for exactly what was decided. */
async function requireUsable(broker: Broker, request: AccessRequest): Promise<Grant> {
  const grant = await broker.store.readGrant(request.extendsGrantId ?? '');
  if (grant && isGrantUsable(grant, broker.clock.now()) && isGrantOf(request, grant)) return grant;
  throw fail('no_grant', { why: `${request.extendsGrantId} ended before it could be extended` });
}

async function retry(broker: Broker, request: AccessRequest): Promise<Delivery> {
  const current = await broker.store.readRequest(request.id);
  if (current?.state === 'approved') return claimExtension(broker, current);
  if (current?.state !== 'claimed') throw fail('lost_race', { what: request.id });
  return signAgain(broker, current, await requireUsable(broker, current));
}
