import { fail } from '../../core/errors.ts';
import type { Permission } from '../../core/ports/policy.ts';
import { listReviewerGroups } from '../../core/quorum.ts';
import type { AccessRequest } from '../../core/request.ts';
import { isSamePerson } from '../../core/same-person.ts';
import { findLoginDemand } from '../../core/step-up.ts';
import { askPermissions } from '../decide.ts';
import { buildEvent } from '../events.ts';
import type { Asker, Broker } from '../parts.ts';

/** What decides who may review a request. */
export type Reviewable = Pick<
  AccessRequest,
  'id' | 'requestedBy' | 'scopes' | 'target' | 'durationSeconds' | 'decision' | 'escalatedAt' | 'breakGlass'
>;

/** May this person decide on the request, and if not, why not? */
export type Standing =
  | { readonly kind: 'reviewer'; readonly permission: Permission }
  | { readonly kind: 'self' }
  | { readonly kind: 'stranger'; readonly why: string };

/** Never for oneself (S3), never by a workload, only where policy permits `approve`, and from a group that it names. */
export function findStanding(broker: Broker, asker: Asker, request: Reviewable): Standing {
  if (isSamePerson(asker.principal, request.requestedBy)) return { kind: 'self' };
  return findOthersStanding(broker, asker, request);
}

/** The standing in each of many requests: policy is asked once for each kind of them. For lists; what decides asks anew. */
export function createStandingFinder(broker: Broker, asker: Asker): (request: Reviewable) => Standing {
  const known = new Map<string, Standing>();
  return (request) => {
    if (isSamePerson(asker.principal, request.requestedBy)) return { kind: 'self' };
    const key = describeKind(request);
    const standing = known.get(key) ?? findOthersStanding(broker, asker, request);
    known.set(key, standing);
    return standing;
  };
}

/** All that a reviewer's standing depends on, apart from who asks. */
export function describeKind(request: Reviewable): string {
  const { scopes, target, durationSeconds } = request;
  return JSON.stringify([scopes, target, durationSeconds, listGroups(request), isAfterwards(request)]);
}

/** The standing of somebody who is not the requester. */
export function findOthersStanding(broker: Broker, asker: Asker, request: Reviewable): Standing {
  const { principal } = asker;
  if (principal.kind !== 'person') return { kind: 'stranger', why: 'only people decide' };
  const groups = listGroups(request);
  if (groups.length > 0 && !groups.some((group) => principal.groups.includes(group)))
    return { kind: 'stranger', why: `policy wants somebody of ${groups.join(' or ')}` };
  const permission = askToReview(broker, asker, request);
  if (!permission.allowed) return { kind: 'stranger', why: 'policy does not let you approve it' };
  return { kind: 'reviewer', permission };
}

/** What nobody may approve any more is reviewed afterwards by whoever may take it away: else it would be due for ever. */
function askToReview(broker: Broker, asker: Asker, request: Reviewable): Permission {
  const { scopes, target, durationSeconds } = request;
  const about = { scopes, target, durationSeconds, isAfterwards: isAfterwards(request) };
  const approving = askPermissions(broker, asker, { ...about, action: 'approve' });
  if (approving.allowed || !about.isAfterwards || isApprovable(broker, request)) return approving;
  return askPermissions(broker, asker, { ...about, action: 'revoke' });
}

/** Break-glass is granted before anybody is asked: whoever may approve may look at it afterwards. */
function isAfterwards({ breakGlass, decision }: Pick<Reviewable, 'breakGlass' | 'decision'>): boolean {
  return breakGlass && decision?.outcome === 'automatic';
}

/** False: there is no such scope or target any more, or no rule that lets anybody approve it. */
export function isApprovable(
  { catalogue, policy }: Pick<Broker, 'catalogue' | 'policy'>,
  { scopes, target }: Pick<Reviewable, 'scopes' | 'target'>,
): boolean {
  const entries = catalogue.scopes.filter(({ name }) => scopes.includes(name));
  const isThere = entries.length === scopes.length && catalogue.targets.some(({ name }) => name === target);
  return isThere && entries.every((scope) => policy.mightPermit('approve', scope));
}

/** Throws what stands in the way of deciding. An attempt at one's own request is recorded (APR-01). */
export async function requireReviewer(broker: Broker, asker: Asker, request: Reviewable): Promise<void> {
  const standing = findStanding(broker, asker, request);
  if (standing.kind === 'self') {
    await recordRefusal(broker, asker, { request, because: 'self_approval' });
    throw fail('self_approval', { id: request.id });
  }
  if (standing.kind === 'stranger') throw fail('not_a_reviewer', { id: request.id, why: standing.why });
  const demand = findLoginDemand(asker.login, standing.permission.obligations, broker.clock.now());
  if (demand) throw fail('step_up_needed', { demand });
}

/**
 * That somebody tried what nobody may: to be the other person, or two of them (APR-01). It is on record for ever and costs
 * whoever tries it nothing: too often in a minute is `too_many`.
 */
export async function recordRefusal(
  broker: Broker,
  { principal }: Pick<Asker, 'principal'>,
  refusal: {
    readonly request: Pick<AccessRequest, 'id' | 'requestedBy'>;
    readonly because: 'self_approval' | 'already_reviewed';
  },
): Promise<void> {
  const { request, because } = refusal;
  broker.keepPace({ principal });
  await broker.store.commit({
    event: buildEvent(broker, {
      kind: 'request.review_refused',
      actor: principal.subject,
      requestId: request.id,
      detail: { because, requested_by: request.requestedBy.subject },
    }),
  });
}

function listGroups({ decision, escalatedAt }: Reviewable): readonly string[] {
  return decision ? listReviewerGroups(decision.obligations, escalatedAt !== null) : [];
}
