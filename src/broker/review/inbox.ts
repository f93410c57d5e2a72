import { type AccessRequest, findRequestDeadline } from '../../core/request.ts';
import { isSamePerson } from '../../core/same-person.ts';
import type { InboxView } from '../../core/view.ts';
import type { Asker, Broker } from '../parts.ts';
import { viewRequests } from '../view/view.ts';
import { createStandingFinder } from './reviewers.ts';

const MOST_LISTED = 5_000;

/** What waits for one reviewer: requests they may decide and have not, and break-glass that they may look at. */
export async function readInbox(broker: Broker, asker: Asker): Promise<InboxView> {
  // Read first: what changes while the rest is read is then told again, and never missed.
  const position = await broker.store.findPosition();
  const [pending, due] = await Promise.all([
    broker.store.listRequests({ states: ['pending'], limit: MOST_LISTED }),
    broker.store.listRequests({ isReviewDue: true, limit: MOST_LISTED }),
  ]);
  const now = broker.clock.now();
  const findStanding = createStandingFinder(broker, asker);
  const isMine = (request: AccessRequest): boolean => findStanding(request).kind === 'reviewer';
  const requests = pending
    .filter((request) => (findRequestDeadline(request) ?? now) > now && !hasReviewed(asker, request))
    .filter(isMine)
    .reverse();
  const afterwards = due.filter(isMine).sort((left, right) => findDueAt(left) - findDueAt(right));
  const views = await viewRequests(broker, [...requests, ...afterwards]);
  return {
    asOf: now,
    position,
    requests: views.slice(0, requests.length),
    afterwards: views.slice(requests.length),
  };
}

function hasReviewed({ principal }: Asker, { reviews }: AccessRequest): boolean {
  return reviews.some(({ by }) => isSamePerson(by, principal));
}

function findDueAt({ afterwards }: AccessRequest): number {
  return afterwards?.dueAt ?? 0;
}
