import { requireReviewReason } from '../../core/ask.ts';
import { fail } from '../../core/errors.ts';
import {
  type AccessRequest,
  type Breadth,
  OPEN_REQUEST_STATES,
  type Review,
  type ReviewWay,
} from '../../core/request.ts';
import { isSamePerson } from '../../core/same-person.ts';
import { isSameScopes } from '../../core/scope.ts';
import type { Asker, Broker } from '../parts.ts';
import { decideAgain } from '../request/decide-again.ts';
import { lapse } from '../request/requests.ts';
import { requireVisible } from '../view/visible.ts';
import { listCounted } from './counted.ts';
import { type Narrowing, narrow } from './narrow.ts';
import { buildApproval, buildReviewer, buildStep, type Step, withReview } from './review-step.ts';
import { recordRefusal, requireReviewer } from './reviewers.ts';

export type ReviewOrder = {
  readonly asker: Asker;
  readonly requestId: string;
  readonly way: ReviewWay;
  readonly reason: string | null;
};

export type ApproveOrder = ReviewOrder &
  Narrowing & {
    /** Of what the reviewer looked at: anything else is not approved (APR-03). */
    readonly digest: string;
  };

/** Racing reviewers settle within a few rounds: each loser looks again at what it is then. */
const ROUNDS = 8;

/**
 * One approval. Policy, deadlines and the requester are looked at again at this moment (APR-04); when it was the last
 * that was needed, the request is approved and its claim window begins. What the reviewer lets through is all there is.
 */
export async function approve(broker: Broker, order: ApproveOrder): Promise<AccessRequest> {
  const reason = requireReviewReason(order.reason);
  return inRounds(broker, order, async (request) => {
    await requireNotReviewed(broker, order.asker, request);
    if (request.digest !== order.digest) throw fail('request_changed', { id: request.id });
    const breadth = narrow(request, order);
    await requireNotOpenAlready(broker, request, breadth);
    const decision = await decideAgain(broker, { ...request, ...breadth });
    const review = buildReview(broker, order, { outcome: 'approved', reason, breadth });
    const counted = [...(await listCounted(broker, request)), review];
    return buildApproval(broker, request, { review, decision, counted });
  });
}

/** One no is enough. */
export async function deny(
  broker: Broker,
  order: ReviewOrder & { readonly reason: string },
): Promise<AccessRequest> {
  const reason = requireReviewReason(order.reason);
  if (reason === null) throw fail('bad_reason', { why: 'is missing' });
  return inRounds(broker, order, async (request) => {
    await requireNotReviewed(broker, order.asker, request);
    const { scopes, durationSeconds } = request;
    const breadth = { scopes, durationSeconds };
    const review = buildReview(broker, order, { outcome: 'denied', reason, breadth });
    return buildStep(broker, request, {
      after: { state: 'denied', reviews: withReview(request, review) },
      review,
      kind: 'request.denied',
    });
  });
}

async function inRounds(
  broker: Broker,
  { asker, requestId }: ReviewOrder,
  take: (request: AccessRequest) => Promise<Step>,
): Promise<AccessRequest> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const request = await requirePending(broker, asker, requestId);
    const { after, transition } = await take(request);
    if ((await broker.store.commit(transition)) !== 'committed') continue;
    broker.wake();
    return after;
  }
  throw fail('lost_race', { what: requestId });
}

/** The request, if this person may decide on it and there is still something to decide. */
async function requirePending(broker: Broker, asker: Asker, id: string): Promise<AccessRequest> {
  const request = await requireVisible(broker, asker, id);
  await requireReviewer(broker, asker, request);
  if (request.state !== 'pending') throw fail('already_decided', { id, state: request.state });
  if (await lapse(broker, request)) throw fail('already_decided', { id, state: 'lapsed' });
  return request;
}

/** Whoever has approved already, with this account or another, cannot do so again, and the attempt is recorded (APR-01). */
async function requireNotReviewed(broker: Broker, asker: Asker, request: AccessRequest): Promise<void> {
  if (!request.reviews.some(({ by }) => isSamePerson(by, asker.principal))) return;
  await recordRefusal(broker, asker, { request, because: 'already_reviewed' });
  throw fail('already_reviewed', { id: request.id });
}

/** Made smaller it may be what the same person asks for in another open request: one of the two is enough. */
async function requireNotOpenAlready(
  broker: Broker,
  request: AccessRequest,
  { scopes }: Breadth,
): Promise<void> {
  if (scopes.length === request.scopes.length || request.breakGlass) return;
  const open = await broker.store.listRequests({
    requestedBy: request.requestedBy.subject,
    states: OPEN_REQUEST_STATES,
    target: request.target,
    limit: 200,
  });
  const same = open.find((other) => other.id !== request.id && isSameScopes(other.scopes, scopes));
  if (same) throw fail('cannot_widen', { why: `${same.id} asks for exactly that already` });
}

type Said = Pick<Review, 'outcome' | 'reason' | 'breadth'>;

function buildReview(broker: Broker, { asker, way }: ReviewOrder, said: Said): Review {
  return { by: buildReviewer(asker), ...said, way, at: broker.clock.now() };
}
