import type { Decision } from '../../core/decision.ts';
import { fail } from '../../core/errors.ts';
import type { Grant } from '../../core/grant.ts';
import type { Principal } from '../../core/principal.ts';
import { findMissing } from '../../core/quorum.ts';
import type { AccessRequest, Afterwards, Review } from '../../core/request.ts';
import type { Instant } from '../../core/time.ts';
import type { AfterwardsView, DecisionView, GrantView, RequestView } from '../../core/view.ts';
import type { Broker } from '../parts.ts';
import { createApproverFinder } from '../request/approvers.ts';
import { listCounted } from '../review/counted.ts';

export async function viewRequest(broker: Broker, request: AccessRequest): Promise<RequestView> {
  const [view] = await viewRequests(broker, [request]);
  if (!view) throw fail('not_found', { what: `request ${request.id}` });
  return view;
}

/** Requests as their readers see them, with what all of them need looked up once. */
export async function viewRequests(
  broker: Broker,
  requests: readonly AccessRequest[],
): Promise<readonly RequestView[]> {
  const isAnyPending = requests.some(({ state }) => state === 'pending');
  const [findApprovers, told, counted] = await Promise.all([
    isAnyPending ? createApproverFinder(broker) : () => [],
    readTold(broker, requests),
    Promise.all(requests.map((request) => listCounted(broker, request))),
  ]);
  return requests.map((request, position) => ({
    ...describe(broker, request),
    approvals: countApprovals(request, counted[position] ?? request.reviews),
    canApprove: request.state === 'pending' ? listStillNeeded(findApprovers(request), request) : [],
    told: told.get(request.id) ?? [],
  }));
}

/** Whoever has approved already is waited for no more. */
function listStillNeeded(approvers: readonly Principal[], { reviews }: AccessRequest): readonly string[] {
  const isWaitedFor = ({ subject, person }: Principal): boolean =>
    !reviews.some(({ by }) => by.subject === subject || by.person === person);
  return approvers.filter(isWaitedFor).map(({ name }) => name);
}

/** The channels that took a notice of the request. */
export async function readTold(
  broker: Broker,
  requests: readonly AccessRequest[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (broker.channels.size === 0 || requests.length === 0) return new Map();
  const notices = await broker.store.listNotices(requests.map(({ id }) => id));
  const accepted = notices.filter(({ state }) => state === 'accepted');
  return new Map(
    [...Map.groupBy(accepted, ({ requestId }) => requestId)].map(([id, group]) => [
      id,
      [...new Set(group.map(({ channel }) => channel))],
    ]),
  );
}

function describe(
  broker: Broker,
  request: AccessRequest,
): Omit<RequestView, 'approvals' | 'canApprove' | 'told'> {
  return {
    id: request.id,
    url: `${broker.settings.url}/requests/${request.id}`,
    state: request.state,
    scopes: request.scopes,
    target: request.target,
    durationSeconds: request.durationSeconds,
    reason: request.reason,
    ticket: request.ticket,
    requestedBy: request.requestedBy.name,
    createdAt: request.createdAt,
    lapsesAt: request.lapsesAt,
    claimBy: request.claimBy,
    decision: request.decision ? viewDecision(request.decision, request) : null,
    grantId: request.grantId,
    extendsGrantId: request.extendsGrantId,
    breakGlass: request.breakGlass,
    originally: request.originally,
    escalatedAt: request.escalatedAt,
    afterwards: request.afterwards && viewAfterwards(request.afterwards, broker.clock.now()),
    digest: request.digest,
  };
}

function countApprovals(
  { decision, escalatedAt }: AccessRequest,
  reviews: readonly Review[],
): RequestView['approvals'] {
  const given = countGiven(reviews);
  if (decision?.outcome !== 'needs_people') return { needed: 0, given, groups: [] };
  const { groups } = findMissing(reviews, decision.obligations, escalatedAt !== null);
  return { needed: decision.obligations.approvals, given, groups };
}

export function countGiven(reviews: readonly Review[]): number {
  return reviews.filter((review) => review.outcome === 'approved').length;
}

function viewAfterwards({ dueAt, review }: Afterwards, now: Instant): AfterwardsView {
  if (!review) return { dueAt, state: now < dueAt ? 'due' : 'overdue', by: null, reason: null, at: null };
  return { dueAt, state: review.outcome, by: review.by.name, reason: review.reason, at: review.at };
}

export function viewDecision(decision: Decision, request?: Pick<AccessRequest, 'reviews'>): DecisionView {
  const idleSeconds = decision.obligations.idleSeconds ?? null;
  return {
    outcome: decision.outcome,
    rule: decision.rule,
    reasons: decision.reasons,
    advice: decision.advice,
    ...(idleSeconds === null ? {} : { idleSeconds }),
    reviews: (request?.reviews ?? []).map((review) => ({
      by: review.by.name,
      outcome: review.outcome,
      reason: review.reason,
      at: review.at,
      way: review.way,
      ...review.breadth,
    })),
  };
}

export function viewGrant(broker: Pick<Broker, 'settings'>, grant: Grant): GrantView {
  return {
    id: grant.id,
    url: `${broker.settings.url}/grants/${grant.id}`,
    requestId: grant.requestId,
    state: grant.state,
    scopes: grant.scopes,
    target: grant.target,
    heldBy: grant.heldBy.name,
    breakGlass: grant.breakGlass ?? false,
    claimedAt: grant.claimedAt,
    expiresAt: grant.expiresAt,
    lastUsedAt: grant.lastUsedAt,
    ...(grant.idleSeconds === undefined ? {} : { idleSeconds: grant.idleSeconds }),
    endedAt: grant.endedAt,
    endedBecause: grant.endedBecause,
    ...(grant.revocation.by === undefined ? {} : { endedBy: grant.revocation.by }),
    revocation: grant.revocation,
  };
}
