import type { OwnLimits } from '../../core/config.ts';
import { fail } from '../../core/errors.ts';
import { HELD_GRANT_STATES } from '../../core/grant.ts';
import { BREAK_GLASS_GRANTS_PER_PERSON } from '../../core/limits.ts';
import type { Cap } from '../../core/ports/store.ts';
import type { Principal } from '../../core/principal.ts';
import { type AccessRequest, type Asked, OPEN_REQUEST_STATES } from '../../core/request.ts';
import type { Broker } from '../parts.ts';

type Who = Pick<Principal, 'subject' | 'kind'>;
type Settings = Pick<Broker, 'settings'>;

/** What one may have: people and workloads apart. */
export function findOwnLimits({ settings }: Settings, { kind }: Pick<Who, 'kind'>): OwnLimits {
  return kind === 'workload' ? settings.limits.workloads : settings.limits.people;
}

/** Break-glass cannot wait: it is held against what is held only. Extensions are as many as there are grants. */
function isCounted({ breakGlass, extendsGrantId }: Pick<Asked, 'breakGlass' | 'extendsGrantId'>): boolean {
  return !breakGlass && extendsGrantId === null;
}

/** What the store holds a new request against. */
export function capRequest(broker: Settings, request: AccessRequest): readonly Cap[] {
  const isOpen = request.state === 'pending' || request.state === 'approved';
  if (!isOpen || !isCounted(request)) return [];
  const { requestedBy } = request;
  const most = findOwnLimits(broker, requestedBy).openRequests;
  return [{ of: 'open requests', subject: requestedBy.subject, most }];
}

/** What the store holds a new grant against. */
export function capGrant(broker: Settings, request: AccessRequest): readonly Cap[] {
  return [{ of: 'live grants', subject: request.requestedBy.subject, most: findMostHeld(broker, request) }];
}

/** In an emergency there is room for more, and an end to that too. */
function findMostHeld(broker: Settings, { requestedBy, breakGlass }: AccessRequest): number {
  const { liveGrants } = findOwnLimits(broker, requestedBy);
  return breakGlass ? liveGrants + BREAK_GLASS_GRANTS_PER_PERSON : liveGrants;
}

/** Says it where a request was lost because its person has as many as they may: `limit_reached`. */
export async function requireRoomToAsk(
  broker: Pick<Broker, 'settings' | 'store'>,
  who: Who,
  asked: Asked,
): Promise<void> {
  if (!isCounted(asked)) return;
  const most = findOwnLimits(broker, who).openRequests;
  const open = await broker.store.listRequests({
    requestedBy: who.subject,
    states: OPEN_REQUEST_STATES,
    limit: most * 2,
  });
  if (open.filter(isCounted).length < most) return;
  const instead = 'jit status lists them; jit cancel takes one back';
  throw fail('limit_reached', { what: `${most} open requests`, instead });
}

/** Throws `limit_reached` where the requester holds as many grants as one person may. */
export async function requireRoomToHold(
  broker: Pick<Broker, 'settings' | 'store'>,
  request: AccessRequest,
): Promise<void> {
  const most = findMostHeld(broker, request);
  const live = await broker.store.listGrants({
    heldBy: request.requestedBy.subject,
    states: HELD_GRANT_STATES,
    limit: most,
  });
  if (live.length < most) return;
  const instead = 'jit status lists them; jit done gives one back';
  throw fail('limit_reached', { what: `${most} live grants`, instead });
}
