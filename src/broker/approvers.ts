import type { Decision } from '../core/decision.ts';
import type { Principal } from '../core/principal.ts';
import { findMissing, isComplete } from '../core/quorum.ts';
import type { AccessRequest, Review } from '../core/request.ts';
import { isSamePerson } from '../core/same-person.ts';
import type { Asker, Broker } from './parts.ts';
import { describeKind, findOthersStanding, type Reviewable } from './reviewers.ts';

export type FindApprovers = (request: Reviewable) => readonly Principal[];

/**
 * Who could approve, as far as the directory knows people: a forecast for those who wait, never what decides.
 * Policy is asked once for each person and kind of request, however many requests are looked at.
 */
export async function createApproverFinder(broker: Broker): Promise<FindApprovers> {
  const people = await broker.directory.list();
  const known = new Map<string, readonly Principal[]>();
  return (request) => {
    const kind = describeKind(request);
    const able = known.get(kind) ?? people.filter((person) => isReviewer(broker, person, request));
    known.set(kind, able);
    return able.filter((person) => !isSamePerson(person, request.requestedBy));
  };
}

/** But for who asks: that is looked at for each request alone. */
function isReviewer(broker: Broker, person: Principal, request: Reviewable): boolean {
  return findOthersStanding(broker, forecastAsker(broker, person), request).kind === 'reviewer';
}

/** As somebody who has just logged in here would ask. */
function forecastAsker(broker: Broker, principal: Principal): Asker {
  return {
    principal,
    login: { method: 'browser', at: broker.clock.now(), strengths: [] },
    ip: '127.0.0.1',
  };
}

/**
 * Why nobody could ever approve it, for a request that needs people; undefined when somebody may. Where the directory
 * does not know everybody, a member of each group that policy names is imagined: what even they may not do, nobody may.
 */
export async function findDeadEnd(broker: Broker, request: AccessRequest): Promise<string | undefined> {
  const { decision } = request;
  if (decision?.outcome !== 'needs_people') return undefined;
  const { directory } = broker;
  const candidates = directory.isComplete
    ? (await createApproverFinder(broker))({ ...request, escalatedAt: request.createdAt })
    : imagineMembers(broker, request, decision);
  if (candidates === undefined) return undefined;
  const missing = findMissing(candidates.map(imagineReview(request)), decision.obligations, true);
  if (isComplete(missing) || (!directory.isComplete && missing.groups.length === 0)) return undefined;
  return describeMissing(missing, decision.obligations.approvals);
}

function imagineMembers(
  broker: Broker,
  request: AccessRequest,
  { obligations }: Decision,
): readonly Principal[] | undefined {
  const { approverGroups, escalationGroups } = obligations;
  if (approverGroups.length === 0) return undefined;
  return [...approverGroups, ...escalationGroups]
    .map((group): Principal => {
      const subject = `imagined member of ${group}`;
      return { subject, name: subject, person: subject, kind: 'person', groups: [group] };
    })
    .filter((person) => isReviewer(broker, person, { ...request, escalatedAt: request.createdAt }));
}

function imagineReview({ scopes, durationSeconds, createdAt }: AccessRequest): (by: Principal) => Review {
  return (by) => ({
    by,
    outcome: 'approved',
    reason: null,
    breadth: { scopes, durationSeconds },
    way: 'page',
    at: createdAt,
  });
}

function describeMissing(
  missing: { readonly people: number; readonly groups: readonly string[] },
  needed: number,
): string {
  const [group] = missing.groups;
  if (group !== undefined) return `nobody can approve this: policy wants somebody of ${group}, and none may`;
  return `nobody can approve this: policy wants ${Math.max(1, needed)} other people, and ${missing.people} of them are missing`;
}

/** Names of those who could approve what is about to be asked. */
export async function listApprovers(
  broker: Broker,
  request: Omit<Reviewable, 'id' | 'escalatedAt'>,
): Promise<readonly string[]> {
  const find = await createApproverFinder(broker);
  return find({ ...request, id: 'req_preview', escalatedAt: null }).map(({ name }) => name);
}
