import { fail } from '../../core/errors.ts';
import { buildExtendedEnd, type Grant, isGrantUsable } from '../../core/grant.ts';
import {
  type AccessRequest,
  type Asked,
  findRequestDeadline,
  OPEN_REQUEST_STATES,
} from '../../core/request.ts';
import { isSameScopes } from '../../core/scope.ts';
import { type Instant, MINUTE_SECONDS, SECOND_MS } from '../../core/time.ts';
import { SYSTEM } from '../events.ts';
import type { Asker, Broker } from '../parts.ts';
import { tryRevocation } from '../revocation/revoke.ts';
import { lapse } from './requests.ts';

/** How many open requests of one person are looked through, newest first. */
const LOOKED_THROUGH = 200;

/** What is asked, as it must be put. `held` is set where this asks for what is held already without naming it. */
export type Question = { readonly asked: Asked; readonly held: Grant | undefined };

/** The question as it must be put: more time on the grant that is held, where there is one. */
export async function adjustToHeld(broker: Broker, asker: Asker, asked: Asked): Promise<Question> {
  if (asked.extendsGrantId !== null) {
    if (asked.breakGlass) throw fail('bad_message', { why: 'break-glass asks anew and extends nothing' });
    const { scopes, target } = await requireHeld(broker, asker, asked.extendsGrantId);
    return { asked: { ...asked, scopes, target }, held: undefined };
  }
  if (asked.breakGlass) return { asked, held: undefined };
  const held = await findHeld(broker, asker, asked);
  return { asked: held ? { ...asked, extendsGrantId: held.id } : asked, held };
}

/**
 * Asking again joins instead of duplicating: an open request for the same thing, or a live grant that lasts long
 * enough already, give or take a tenth of what is asked and a minute at most. Undefined when there is something new to ask.
 */
export async function findJoinable(
  broker: Broker,
  asker: Asker,
  { asked, held }: Question,
): Promise<AccessRequest | undefined> {
  const open = await findOpen(broker, asker, asked);
  if (open) return open;
  if (!held || isWorthExtending(held, asked, broker.clock.now())) return undefined;
  return broker.store.readRequest(held.requestId);
}

// Two who ask at the same moment mean the same end, though one of them is served a little later.
function isWorthExtending(held: Grant, { durationSeconds }: Asked, now: Instant): boolean {
  const gainedMs = buildExtendedEnd(held, durationSeconds, now) - held.expiresAt;
  return gainedMs > Math.min(MINUTE_SECONDS, durationSeconds / 10) * SECOND_MS;
}

async function requireHeld(broker: Broker, asker: Asker, grantId: string): Promise<Grant> {
  const grant = await broker.store.readGrant(grantId);
  if (grant?.heldBy.subject !== asker.principal.subject)
    throw fail('not_found', { what: `grant ${grantId}` });
  if (!isGrantUsable(grant, broker.clock.now()))
    throw fail('no_grant', { why: `${grantId} is not live any more` });
  return grant;
}

/** Ends what is over by the clock but not yet in the record, where it is the same thing: it would be in the way. */
export async function endOverdue(broker: Broker, asker: Asker, { asked }: Question): Promise<void> {
  for (const request of await listOpen(broker, asker, asked)) await lapse(broker, request);
  const now = broker.clock.now();
  for (const grant of await listLive(broker, asker, asked))
    if (!isGrantUsable(grant, now)) await tryRevocation(broker, grant, { because: 'expired', actor: SYSTEM });
}

async function findOpen(broker: Broker, asker: Asker, asked: Asked): Promise<AccessRequest | undefined> {
  const now = broker.clock.now();
  const open = await listOpen(broker, asker, asked);
  return open.find((request) => (findRequestDeadline(request) ?? now) > now);
}

async function listOpen(broker: Broker, asker: Asker, asked: Asked): Promise<readonly AccessRequest[]> {
  const open = await broker.store.listRequests({
    requestedBy: asker.principal.subject,
    states: OPEN_REQUEST_STATES,
    limit: LOOKED_THROUGH,
  });
  return open.filter((request) => isSameQuestion(request, asked));
}

function isSameQuestion(request: AccessRequest, asked: Asked): boolean {
  if (asked.extendsGrantId !== null) return request.extendsGrantId === asked.extendsGrantId;
  return (
    request.extendsGrantId === null &&
    request.target === asked.target &&
    request.breakGlass === asked.breakGlass &&
    isSameScopes(request.scopes, asked.scopes)
  );
}

async function findHeld(broker: Broker, asker: Asker, asked: Asked): Promise<Grant | undefined> {
  const now = broker.clock.now();
  const live = await listLive(broker, asker, asked);
  return live.find((grant) => isGrantUsable(grant, now));
}

async function listLive(broker: Broker, asker: Asker, asked: Asked): Promise<readonly Grant[]> {
  const live = await broker.store.listGrants({
    heldBy: asker.principal.subject,
    states: ['active'],
    target: asked.target,
    limit: LOOKED_THROUGH,
  });
  return live.filter((grant) => isSameScopes(grant.scopes, asked.scopes));
}
