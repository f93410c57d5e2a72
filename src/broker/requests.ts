import type { JitError } from '../core/errors.ts';
import { fail } from '../core/errors.ts';
import { type AccessRequest, canMoveRequest, findRequestDeadline } from '../core/request.ts';
import { formatInstant } from '../core/time.ts';
import { buildEvent, SYSTEM } from './events.ts';
import type { Asker, Broker } from './parts.ts';

/** The caller's own request; someone else's is `not_found`, so that ids tell nothing. */
export async function requireOwnRequest(broker: Broker, asker: Asker, id: string): Promise<AccessRequest> {
  const request = await broker.store.readRequest(id);
  if (request?.requestedBy.subject !== asker.principal.subject)
    throw fail('not_found', { what: `request ${id}` });
  return request;
}

/** Takes a request back before it is claimed. Done twice it is done. */
export async function cancel(broker: Broker, asker: Asker, id: string): Promise<AccessRequest> {
  const request = await requireOwnRequest(broker, asker, id);
  if (request.state === 'cancelled') return request;
  if (!canMoveRequest(request.state, 'cancelled')) throw describeSettled(request);
  const after = { ...request, state: 'cancelled' as const, version: request.version + 1 };
  const outcome = await broker.store.commit({
    request: { before: request, after },
    event: buildEvent(broker, { kind: 'request.cancelled', actor: asker.principal.subject, requestId: id }),
    work: [{ finish: `lapse:${id}` }],
  });
  return outcome === 'committed' ? after : cancel(broker, asker, id);
}

/** Ends a request whose time is over; false when there was nothing to end. */
export async function lapse(broker: Broker, request: AccessRequest): Promise<boolean> {
  const deadline = findRequestDeadline(request);
  if (deadline === null || broker.clock.now() < deadline) return false;
  const after = { ...request, state: 'lapsed' as const, version: request.version + 1 };
  const outcome = await broker.store.commit({
    request: { before: request, after },
    event: buildEvent(broker, {
      kind: 'request.lapsed',
      actor: SYSTEM,
      requestId: request.id,
      detail: { was: request.state },
    }),
    work: [{ finish: `lapse:${request.id}` }],
  });
  return outcome === 'committed';
}

/** Why a request can go no further, as its requester should read it. */
export function describeSettled(request: AccessRequest): JitError {
  const { id, state } = request;
  if (state === 'denied')
    return fail('denied', { id, why: (request.decision?.reasons ?? []).join('; ') || 'no rule allows it' });
  if (state === 'cancelled') return fail('cancelled', { id });
  if (state === 'lapsed') return fail('lapsed', { id, why: describeLapse(request) });
  if (state === 'pending')
    return fail('still_pending', {
      id,
      why: `nobody has decided yet; it lapses at ${formatInstant(request.lapsesAt)}`,
    });
  return fail('no_grant', { why: `${id} was claimed, and its grant is not live any more` });
}

function describeLapse(request: AccessRequest): string {
  if (request.claimBy === null) return `nobody decided by ${formatInstant(request.lapsesAt)}`;
  return `it was approved but not claimed by ${formatInstant(request.claimBy)}`;
}
