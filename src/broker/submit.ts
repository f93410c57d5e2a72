import { normaliseAsked, requireAskable, requireObligations } from '../core/ask.ts';
import { digestAsked, digestValue } from '../core/audit/digest.ts';
import type { Decision } from '../core/decision.ts';
import { fail } from '../core/errors.ts';
import type { Transition, Work } from '../core/ports/store.ts';
import type { AccessRequest, Asked, RequestState } from '../core/request.ts';
import { SECOND_MS } from '../core/time.ts';
import { decide } from './decide.ts';
import { buildEvent, describeRequest } from './events.ts';
import { adjustToHeld, endOverdue, findJoinable } from './join.ts';
import type { Asker, Broker } from './parts.ts';

export type SubmitOrder = { readonly asker: Asker; readonly asked: Asked; readonly idempotencyKey: string };

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
export async function submit(broker: Broker, order: SubmitOrder): Promise<AccessRequest> {
  const asked = normaliseAsked(order.asked);
  const fingerprint = digestValue(asked);
  requireAskable(asked, broker.catalogue);
  for (let round = 0; round < ROUNDS; round += 1) {
    const known = await findSubmitted(broker, order, fingerprint);
    if (known) return known;
    const question = await adjustToHeld(broker, order.asker, asked);
    const joined = await findJoinable(broker, order.asker, question);
    if (joined) return joined;
    const made = await insertRequest(broker, { ...order, asked: question.asked, fingerprint });
    if (made) return made;
    await endOverdue(broker, order.asker, question);
  }
  throw fail('lost_race', { what: 'the request' });
}

/** What would come of it; nothing is written. */
export async function preview(broker: Broker, order: Omit<SubmitOrder, 'idempotencyKey'>): Promise<Decision> {
  const asked = normaliseAsked(order.asked);
  requireAskable(asked, broker.catalogue);
  return decideAskable(broker, order.asker, (await adjustToHeld(broker, order.asker, asked)).asked);
}

/** An extension asks for the grant's scopes, whatever was named: the catalogue has its say about those too. */
function decideAskable(broker: Broker, asker: Asker, asked: Asked): Decision {
  requireAskable(asked, broker.catalogue);
  const decision = decide(broker, asker, asked);
  requireObligations(asked, decision);
  return decision;
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
  const request = buildRequest(broker, { asker, asked, decision: decideAskable(broker, asker, asked) });
  const outcome = await broker.store.commit({
    ...buildSubmission(broker, request),
    idempotency: {
      subject: order.asker.principal.subject,
      key: order.idempotencyKey,
      fingerprint: order.fingerprint,
      requestId: request.id,
    },
  });
  return outcome === 'committed' ? request : undefined;
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
    digest: digestAsked(asked, asker.principal.subject),
    createdAt: now,
    lapsesAt: now + broker.settings.pendingTtlSeconds * SECOND_MS,
    claimBy: state === 'approved' ? now + broker.settings.claimWindowSeconds * SECOND_MS : null,
    decision,
    reviews: [],
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
  return { request: { insert: request }, event, work: [{ queue: buildLapse(request) }] };
}

/** The clockwork of a request that nobody decides, or nobody claims. */
export function buildLapse(request: AccessRequest): Work {
  return {
    id: `lapse:${request.id}`,
    kind: 'lapse',
    requestId: request.id,
    grantId: null,
    target: null,
    dueAt: request.claimBy ?? request.lapsesAt,
    attempts: 0,
    lastError: null,
  };
}
