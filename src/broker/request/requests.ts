import type { JitError } from '../../core/errors.ts';
import { fail } from '../../core/errors.ts';
import { type EndCause, isGrantUsable } from '../../core/grant.ts';
import {
  type AccessRequest,
  canMoveRequest,
  concernsPeople,
  findRequestDeadline,
} from '../../core/request.ts';
import { formatInstant } from '../../core/time.ts';
import { buildEvent, SYSTEM } from '../events.ts';
import { NOTHING_TOLD, tell } from '../notice/notices.ts';
import type { Asker, Broker } from '../parts.ts';
import { buildRevocation } from '../revocation/revoke.ts';
import { buildWorkId } from '../work/queue.ts';

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
  if (request.state === 'claimed') throw await describeClaimed(broker, request);
  if (!canMoveRequest(request.state, 'cancelled')) throw describeSettled(request);
  const cancelled = await close(broker, request, {
    state: 'cancelled',
    actor: asker.principal.subject,
    because: 'done',
  });
  return cancelled ?? cancel(broker, asker, id);
}

/** Ends a request whose time is over; false when it is not, or when it went another way. */
export async function lapse(broker: Broker, request: AccessRequest): Promise<boolean> {
  const deadline = findRequestDeadline(request);
  if (deadline === null || broker.clock.now() < deadline) return false;
  const lapsed = await close(broker, request, { state: 'lapsed', actor: SYSTEM, because: 'failed' });
  if (lapsed) return true;
  const current = await broker.store.readRequest(request.id);
  return current?.state === 'lapsed' || (current !== undefined && lapse(broker, current));
}

/** Ends a request that is still open, for whoever may end it; false when there was nothing left to end. */
export async function withdraw(
  broker: Broker,
  request: AccessRequest,
  { actor, because }: { readonly actor: string; readonly because: EndCause },
): Promise<boolean> {
  if (!canMoveRequest(request.state, 'cancelled')) return false;
  if (await close(broker, request, { state: 'cancelled', actor, because })) return true;
  const current = await broker.store.readRequest(request.id);
  return current !== undefined && withdraw(broker, current, { actor, because });
}

type Closing = {
  readonly state: 'cancelled' | 'lapsed';
  readonly actor: string;
  /** Why a grant that was begun for it ends. */
  readonly because: EndCause;
};

/**
 * Ends an open request, and with it the grant that was begun for it and never finished; undefined when it lost. Break-glass that
 * gave nothing needs no look afterwards.
 */
async function close(
  broker: Broker,
  request: AccessRequest,
  { state, actor, because }: Closing,
): Promise<AccessRequest | undefined> {
  const isReviewed = Boolean(request.afterwards?.review);
  const afterwards = isReviewed ? request.afterwards : null;
  const after = { ...request, state, afterwards, version: request.version + 1 };
  const begun = request.grantId === null ? undefined : await broker.store.findLiveGrant(request.id);
  const unfinished = begun?.state === 'provisioning' ? begun : undefined;
  const revocation = unfinished && buildRevocation(broker, unfinished, { because });
  const telling = concernsPeople(request) ? tell(broker, 'request.decided', request.id) : NOTHING_TOLD;
  const outcome = await broker.store.commit({
    request: { before: request, after },
    ...(unfinished && revocation ? { grant: { before: unfinished, after: revocation.after } } : {}),
    event: buildEvent(broker, {
      kind: `request.${state}`,
      actor,
      requestId: request.id,
      grantId: unfinished?.id ?? null,
      detail: { was: request.state, ...(unfinished ? { because } : {}) },
    }),
    notices: telling.notices,
    work: [
      { finish: buildWorkId('lapse', request.id) },
      ...(request.afterwards ? [{ finish: buildWorkId('overdue', request.id) }] : []),
      ...(revocation?.work ?? []),
      ...telling.work,
    ],
  });
  if (revocation || telling.work.length > 0) broker.wake();
  return outcome === 'committed' ? after : undefined;
}

/** What was claimed cannot be taken back; its grant can be given back, while it lives. */
async function describeClaimed(broker: Broker, request: AccessRequest): Promise<JitError> {
  const grant = await broker.store.readGrant(request.grantId ?? '');
  if (!grant || !isGrantUsable(grant, broker.clock.now())) return describeSettled(request);
  return fail('already_claimed', { id: request.id, grantId: grant.id });
}

/** Why a request can go no further, as its requester should read it. */
export function describeSettled(request: AccessRequest): JitError {
  const { id, state } = request;
  if (state === 'denied') return fail('denied', { id, why: describeDenial(request) });
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

/** The reviewer's own words, or policy's. */
function describeDenial({ reviews, decision }: AccessRequest): string {
  const denial = reviews.find(({ outcome }) => outcome === 'denied');
  if (denial) return `${denial.by.name} said: ${denial.reason ?? 'no'}`;
  return (decision?.reasons ?? []).join('; ') || 'no rule allows it';
}
