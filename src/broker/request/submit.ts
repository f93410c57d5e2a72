import { normaliseAsked, requireAskable, requireObligations } from '../../core/ask.ts';
import { digestAsked, digestValue } from '../../core/audit/digest.ts';
import type { Decision } from '../../core/decision.ts';
import { fail } from '../../core/errors.ts';
import type { Transition, Work, WorkChange } from '../../core/ports/store.ts';
import type { AccessRequest, Asked, RequestState } from '../../core/request.ts';
import { findLoginDemand } from '../../core/step-up.ts';
import { SECOND_MS } from '../../core/time.ts';
import { decide } from '../decide.ts';
import { buildEvent, describeRequest } from '../events.ts';
import { tell } from '../notice/notices.ts';
import type { Asker, Broker } from '../parts.ts';
import { buildRequestWork } from '../work/queue.ts';
import { findDeadEnd } from './approvers.ts';
import { requireBreakGlass } from './break-glass.ts';
import { buildCalls, buildOverdue } from './calls.ts';
import { capRequest, requireRoomToAsk } from './caps.ts';
import { adjustToHeld, endOverdue, findJoinable } from './join.ts';

export type SubmitOrder = { readonly asker: Asker; readonly asked: Asked; readonly idempotencyKey: string };

/** `isJoined`: it was not made under this key; somebody else may be waiting for it, or using what came of it. */
export type Taken = { readonly request: AccessRequest; readonly isJoined: boolean };

const STATE_AFTER: Readonly<Record<Decision['outcome'], RequestState>> = {
  automatic: 'approved',
  needs_people: 'pending',
  denied: 'denied',
};

/** Racing submissions by one person settle within a few rounds: each loser finds what the winner made. */
const ROUNDS = 5;

/**
 * Takes a request: finds the one that this key made before, joins one that is open already, or makes a new one
 * and decides it. Denied is an answer, not an error; what is wrong with the question itself is thrown.
 */
export async function submit(broker: Broker, order: SubmitOrder): Promise<Taken> {
  const asked = normaliseAsked(order.asked);
  const fingerprint = digestValue(asked);
  requireAskable(asked, broker.catalogue);
  for (let round = 0; round < ROUNDS; round += 1) {
    const known = await findSubmitted(broker, order, fingerprint);
    if (known) return { request: known, isJoined: false };
    const question = await adjustToHeld(broker, order.asker, asked);
    const joined = await findJoinable(broker, order.asker, question);
    if (joined) return { request: joined, isJoined: true };
    const made = await insertRequest(broker, { ...order, asked: question.asked, fingerprint });
    if (made) return { request: made, isJoined: false };
    await endOverdue(broker, order.asker, question);
    await requireRoomToAsk(broker, order.asker.principal, question.asked);
  }
  throw fail('lost_race', { what: 'the request' });
}

/** What would come of it; nothing is written. */
export async function preview(broker: Broker, order: Omit<SubmitOrder, 'idempotencyKey'>): Promise<Decision> {
  const asked = normaliseAsked(order.asked);
  requireAskable(asked, broker.catalogue);
  const question = await adjustToHeld(broker, order.asker, asked);
  const decision = decideAskable(broker, order.asker, question.asked);
  await requireBreakGlass(broker, order.asker, { asked: question.asked, decision });
  const request = await refuseDeadEnd(
    broker,
    buildRequest(broker, { asker: order.asker, asked: question.asked, decision }),
  );
  return request.decision ?? decision;
}

/** An extension asks for the grant's scopes, whatever was named: the catalogue has its say about those too. */
function decideAskable(broker: Broker, asker: Asker, asked: Asked): Decision {
  requireAskable(asked, broker.catalogue);
  const decision = decide(broker, asker, asked);
  requireObligations(asked, decision);
  return decision;
}

/** Policy may ask for a fresh or stronger login instead of refusing (RFC 9470). */
function requireLogin(broker: Broker, asker: Asker, decision: Decision): void {
  if (decision.outcome === 'denied') return;
  const demand = findLoginDemand(asker.login, decision.obligations, broker.clock.now());
  if (demand) throw fail('step_up_needed', { demand });
}

async function findSubmitted(
  broker: Broker,
  order: SubmitOrder,
  fingerprint: string,
): Promise<AccessRequest | undefined> {
  const found = await broker.store.findIdempotent(order.asker.principal.subject, order.idempotencyKey);
  if (!found) return undefined;
  if (found.fingerprint !== fingerprint) throw fail('idempotency_conflict', {});
  return broker.store.readRequest(found.requestId);
}

async function insertRequest(
  broker: Broker,
  order: SubmitOrder & { readonly fingerprint: string },
): Promise<AccessRequest | undefined> {
  const { asker, asked } = order;
  const decision = decideAskable(broker, asker, asked);
  await requireBreakGlass(broker, asker, { asked, decision });
  requireLogin(broker, asker, decision);
  const request = await refuseDeadEnd(broker, buildRequest(broker, { asker, asked, decision }));
  const outcome = await broker.store.commit({
    ...buildSubmission(broker, request),
    caps: capRequest(broker, request),
    idempotency: {
      subject: order.asker.principal.subject,
      key: order.idempotencyKey,
      fingerprint: order.fingerprint,
      requestId: request.id,
    },
  });
  if (outcome !== 'committed') return undefined;
  if (broker.channels.size > 0) broker.wake();
  return request;
}

/** What nobody could ever approve, or review afterwards, is denied at once, and says so, instead of lapsing unseen. */
async function refuseDeadEnd(broker: Broker, request: AccessRequest): Promise<AccessRequest> {
  const why = await findDeadEnd(broker, request);
  if (why === undefined || !request.decision) return request;
  const decision: Decision = {
    ...request.decision,
    outcome: 'denied',
    reasons: [why, ...request.decision.reasons],
  };
  return { ...request, state: 'denied', decision, claimBy: null, afterwards: null };
}

type NewRequest = { readonly asker: Asker; readonly asked: Asked; readonly decision: Decision };

function buildRequest(broker: Broker, { asker, asked, decision }: NewRequest): AccessRequest {
  const now = broker.clock.now();
  const state = STATE_AFTER[decision.outcome];
  return {
    ...asked,
    id: broker.ids.newRequestId(),
    state,
    version: 1,
    requestedBy: asker.principal,
    origin: { ip: asker.ip, login: asker.login },
    originally: { scopes: asked.scopes, durationSeconds: asked.durationSeconds },
    digest: digestAsked(asked, asker.principal.subject),
    createdAt: now,
    lapsesAt: now + broker.settings.pendingTtlSeconds * SECOND_MS,
    claimBy: state === 'approved' ? now + broker.settings.claimWindowSeconds * SECOND_MS : null,
    decision,
    reviews: [],
    escalatedAt: null,
    afterwards:
      asked.breakGlass && state === 'approved'
        ? { dueAt: now + broker.settings.breakGlass.reviewWithinSeconds * SECOND_MS, review: null }
        : null,
    grantId: null,
  };
}

function buildSubmission(broker: Broker, request: AccessRequest): Transition {
  const event = buildEvent(broker, {
    kind: 'request.submitted',
    actor: request.requestedBy.subject,
    requestId: request.id,
    detail: describeRequest(request),
  });
  if (request.state === 'denied') return { request: { insert: request }, event };
  const { notices, work } = tellOfSubmission(broker, request);
  return {
    request: { insert: request },
    event,
    notices,
    work: [{ queue: buildLapse(request) }, ...listClockwork(broker, request), ...work],
  };
}

function tellOfSubmission(broker: Broker, request: AccessRequest): ReturnType<typeof tell> {
  if (request.breakGlass) return tell(broker, 'request.break_glass', request.id);
  return request.state === 'pending'
    ? tell(broker, 'request.pending', request.id)
    : { notices: [], work: [] };
}

function listClockwork(broker: Broker, request: AccessRequest): readonly WorkChange[] {
  if (request.afterwards) return [{ queue: buildOverdue(request, request.afterwards.dueAt) }];
  if (request.state !== 'pending') return [];
  return buildCalls(broker, request).map((work) => ({ queue: work }));
}

/** The clockwork of a request that nobody decides, or nobody claims. */
export function buildLapse(request: AccessRequest): Work {
  return buildRequestWork(request, { kind: 'lapse', dueAt: request.claimBy ?? request.lapsesAt });
}
