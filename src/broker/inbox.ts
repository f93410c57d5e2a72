import { type AccessRequest, findRequestDeadline } from '../core/request.ts';
import type { InboxView } from '../core/view.ts';
import type { Asker, Broker } from './parts.ts';
import { findStanding, type Standing } from './reviewers.ts';
import { viewRequests } from './view.ts';

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
  const isMine = createJudge(broker, asker);
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

/** Policy is asked once for each kind of request. */
function createJudge(broker: Broker, asker: Asker): (request: AccessRequest) => boolean {
  const known = new Map<string, Standing['kind']>();
  return (request) => {
    const { scopes, target, durationSeconds, requestedBy, decision, escalatedAt } = request;
    const { approverGroups, escalationGroups } = decision?.obligations ?? {};
    const key = JSON.stringify([
      scopes,
      target,
      durationSeconds,
      requestedBy.subject,
      approverGroups,
      escalationGroups,
      escalatedAt !== null,
    ]);
    const kind = known.get(key) ?? findStanding(broker, asker, request).kind;
    known.set(key, kind);
    return kind === 'reviewer';
  };
}

function hasReviewed({ principal }: Asker, { reviews }: AccessRequest): boolean {
  return reviews.some(({ by }) => by.subject === principal.subject || by.person === principal.person);
}

function findDueAt({ afterwards }: AccessRequest): number {
  return afterwards?.dueAt ?? 0;
}
