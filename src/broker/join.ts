import { fail } from '../core/errors.ts';
import { buildExtendedEnd, type Grant, isGrantUsable } from '../core/grant.ts';
import type { AccessRequest, Asked } from '../core/request.ts';
import type { Asker, Broker } from './parts.ts';

/** How many open requests of one person are looked through: their own limit is lower. */
const LOOKED_THROUGH = 200;

/**
 * Asking again joins instead of duplicating: an open request for the same thing, or a live grant that lasts long
 * enough already. Undefined when there is something new to ask.
 */
export async function findJoinable(
  broker: Broker,
  asker: Asker,
  asked: Asked,
): Promise<AccessRequest | undefined> {
  const open = await findOpen(broker, asker, asked);
  if (open) return open;
  if (asked.extendsGrantId !== null || asked.breakGlass) return undefined;
  const held = await findHeld(broker, asker, asked);
  if (!held || buildExtendedEnd(held, asked.durationSeconds, broker.clock.now()) > held.expiresAt)
    return undefined;
  return broker.store.readRequest(held.requestId);
}

/** The question as it must be put: more time on the grant that is held, where there is one. */
export async function adjustToHeld(broker: Broker, asker: Asker, asked: Asked): Promise<Asked> {
  if (asked.breakGlass) return asked;
  if (asked.extendsGrantId !== null) {
    const grant = await requireHeld(broker, asker, asked.extendsGrantId);
    return { ...asked, scopes: grant.scopes, target: grant.target };
  }
  const held = await findHeld(broker, asker, asked);
  return held ? { ...asked, extendsGrantId: held.id } : asked;
}

async function requireHeld(broker: Broker, asker: Asker, grantId: string): Promise<Grant> {
  const grant = await broker.store.readGrant(grantId);
  if (grant?.heldBy.subject !== asker.principal.subject)
    throw fail('not_found', { what: `grant ${grantId}` });
  if (!isGrantUsable(grant, broker.clock.now()))
    throw fail('no_grant', { why: `${grantId} is not live any more` });
  return grant;
}

async function findOpen(broker: Broker, asker: Asker, asked: Asked): Promise<AccessRequest | undefined> {
  const open = await broker.store.listRequests({
    requestedBy: asker.principal.subject,
    states: ['pending', 'approved'],
    limit: LOOKED_THROUGH,
  });
  const now = broker.clock.now();
  return open.find(
    (request) => isSameQuestion(request, asked) && (request.claimBy ?? request.lapsesAt) > now,
  );
}

function isSameQuestion(request: AccessRequest, asked: Asked): boolean {
  const isSameExtension = asked.extendsGrantId === null || request.extendsGrantId === asked.extendsGrantId;
  return (
    isSameExtension &&
    request.target === asked.target &&
    request.breakGlass === asked.breakGlass &&
    request.scopes.join(' ') === asked.scopes.join(' ')
  );
}

async function findHeld(broker: Broker, asker: Asker, asked: Asked): Promise<Grant | undefined> {
  const live = await broker.store.listGrants({
    heldBy: asker.principal.subject,
    states: ['active'],
    target: asked.target,
    limit: LOOKED_THROUGH,
  });
  const now = broker.clock.now();
  return live.find((grant) => isGrantUsable(grant, now) && grant.scopes.join(' ') === asked.scopes.join(' '));
}
