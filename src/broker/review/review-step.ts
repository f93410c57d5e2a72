import { digestAsked } from '../../core/audit/digest.ts';
import type { Decision } from '../../core/decision.ts';
import type { Transition } from '../../core/ports/store.ts';
import { findMissing, isComplete } from '../../core/quorum.ts';
import type { AccessRequest, Review, Reviewer } from '../../core/request.ts';
import { SECOND_MS } from '../../core/time.ts';
import { buildEvent } from '../events.ts';
import { tell } from '../notice/notices.ts';
import type { Asker, Broker } from '../parts.ts';
import { buildLapse } from '../request/submit.ts';
import { buildWorkId } from '../work/queue.ts';

/** What one review makes of a request, and everything that is written with it. */
export type Step = { readonly after: AccessRequest; readonly transition: Transition };

export function buildReviewer({ principal }: Asker): Reviewer {
  const { subject, name, person, groups } = principal;
  return { subject, name, person, groups };
}

export function withReview(request: AccessRequest, review: Review): readonly Review[] {
  return [...request.reviews, review];
}

export type Approval = {
  readonly review: Review;
  readonly decision: Decision;
  /** The reviews that count towards the quorum, this one among them. */
  readonly counted: readonly Review[];
};

/** With the last approval that was needed the claim window begins; until then the request waits on, as small as it is now. */
export function buildApproval(
  broker: Broker,
  request: AccessRequest,
  { review, decision, counted }: Approval,
): Step {
  const reviews = withReview(request, review);
  const missing = findMissing(counted, decision.obligations, request.escalatedAt !== null);
  const narrowed = { ...request, ...review.breadth, reviews, decision };
  const after = { ...narrowed, digest: digestAsked(narrowed, request.requestedBy.subject) };
  if (!isComplete(missing)) return buildStep(broker, request, { after, review, kind: 'request.reviewed' });
  const claimBy = broker.clock.now() + broker.settings.claimWindowSeconds * SECOND_MS;
  return buildStep(broker, request, {
    after: { ...after, state: 'approved', claimBy },
    review,
    kind: 'request.approved',
  });
}

/** One transition, with its event, its notices and its clockwork. */
export function buildStep(
  broker: Broker,
  request: AccessRequest,
  step: {
    readonly after: Partial<AccessRequest>;
    readonly review: Review;
    readonly kind: 'request.reviewed' | 'request.approved' | 'request.denied';
  },
): Step {
  const after = { ...request, ...step.after, version: request.version + 1 };
  const telling = tell(
    broker,
    step.kind === 'request.reviewed' ? 'request.reviewed' : 'request.decided',
    request.id,
  );
  const clockwork =
    after.state === 'denied'
      ? [{ finish: buildWorkId('lapse', request.id) }]
      : [{ queue: buildLapse(after) }];
  const event = buildEvent(broker, {
    kind: step.kind,
    actor: step.review.by.subject,
    requestId: request.id,
    detail: describeReview(step.review, after),
  });
  return {
    after,
    transition: {
      request: { before: request, after },
      event,
      notices: telling.notices,
      work: [...clockwork, ...telling.work],
    },
  };
}

function describeReview(review: Review, after: AccessRequest): Readonly<Record<string, unknown>> {
  return {
    outcome: review.outcome,
    reason: review.reason,
    way: review.way,
    groups: review.by.groups,
    scopes: after.scopes,
    duration_seconds: after.durationSeconds,
    digest: after.digest,
    policy_version: after.decision?.policyVersion ?? null,
  };
}
