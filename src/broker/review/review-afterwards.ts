import { requireReviewReason } from '../../core/ask.ts';
import { fail } from '../../core/errors.ts';
import type { AccessRequest, LaterReview, ReviewWay } from '../../core/request.ts';
import { buildEvent } from '../events.ts';
import { tell } from '../notice/notices.ts';
import type { Asker, Broker } from '../parts.ts';
import { requireVisible } from '../view/visible.ts';
import { buildWorkId } from '../work/queue.ts';
import { buildReviewer } from './review-step.ts';
import { requireReviewer } from './reviewers.ts';

export type AfterwardsOrder = {
  readonly asker: Asker;
  readonly requestId: string;
  readonly way: ReviewWay;
  readonly outcome: LaterReview['outcome'];
  readonly reason: string;
};

const ROUNDS = 8;

/** Says of break-glass that happened whether it was right: once, by somebody else who could have approved it. */
export async function reviewAfterwards(broker: Broker, order: AfterwardsOrder): Promise<AccessRequest> {
  const reason = requireReviewReason(order.reason);
  if (reason === null) throw fail('bad_reason', { why: 'is missing' });
  for (let round = 0; round < ROUNDS; round += 1) {
    const request = await requireVisible(broker, order.asker, order.requestId);
    const review = { by: buildReviewer(order.asker), outcome: order.outcome, reason, way: order.way };
    const after = await record(broker, order, { request, review: { ...review, at: broker.clock.now() } });
    if (after) return after;
  }
  throw fail('lost_race', { what: order.requestId });
}

async function record(
  broker: Broker,
  { asker }: AfterwardsOrder,
  { request, review }: { readonly request: AccessRequest; readonly review: LaterReview },
): Promise<AccessRequest | undefined> {
  const { id, afterwards } = request;
  if (!afterwards) throw fail('not_a_reviewer', { id, why: 'it was not break-glass' });
  await requireReviewer(broker, asker, request);
  if (afterwards.review) throw fail('already_decided', { id, state: afterwards.review.outcome });
  const after = { ...request, afterwards: { ...afterwards, review }, version: request.version + 1 };
  const telling = tell(broker, 'request.reviewed', id);
  const outcome = await broker.store.commit({
    request: { before: request, after },
    event: buildEvent(broker, {
      kind: 'request.reviewed_afterwards',
      actor: review.by.subject,
      requestId: id,
      detail: { outcome: review.outcome, reason: review.reason, way: review.way, due_at: afterwards.dueAt },
    }),
    notices: telling.notices,
    work: [{ finish: buildWorkId('overdue', id) }, ...telling.work],
  });
  if (outcome !== 'committed') return undefined;
  broker.wake();
  return after;
}
