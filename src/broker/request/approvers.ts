import { requireScope } from '../../core/catalogue.ts';
import type { Principal } from '../../core/principal.ts';
import { findMissing, isComplete } from '../../core/quorum.ts';
import type { AccessRequest, Review } from '../../core/request.ts';
import { isSamePerson } from '../../core/same-person.ts';
import { type Instant, SECOND_MS } from '../../core/time.ts';
import type { Asker, Broker } from '../parts.ts';
import { describeKind, findOthersStanding, isApprovable, type Reviewable } from '../review/reviewers.ts';

const FORECAST_MS = 10 * SECOND_MS;

export type FindApprovers = (request: Reviewable) => readonly Principal[];

/**
 * Who could approve, as far as the directory knows people: a forecast for those who wait, never what decides.
 * Policy is asked once for each person and kind of request, however many requests are looked at.
 */
export async function createApproverFinder(broker: Broker): Promise<FindApprovers> {
  const { people, known } = await readForecast(broker);
  return (request) => {
    const kind = describeKind(request);
    const able = known.get(kind) ?? people.filter((person) => isReviewer(broker, person, request));
    known.set(kind, able);
    return able.filter((person) => !isSamePerson(person, request.requestedBy));
  };
}

type Forecast = {
  readonly madeAt: Instant;
  readonly people: readonly Principal[];
  /** By kind of request. */
  readonly known: Map<string, readonly Principal[]>;
};

/** Everybody is asked about once in a while, not at every look at every request: a company has thousands. */
const forecasts = new WeakMap<Broker['directory'], Forecast>();

async function readForecast({ directory, clock }: Broker): Promise<Forecast> {
  const now = clock.now();
  const before = forecasts.get(directory);
  if (before && Math.abs(now - before.madeAt) < FORECAST_MS) return before;
  const forecast = { madeAt: now, people: await directory.list(), known: new Map() };
  forecasts.set(directory, forecast);
  return forecast;
}

/** Could this person decide on such a request? That it may be their own is left out of it: whoever asks for the answer looks at that. */
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
 * Why nobody could ever approve it, for a request that needs people, or review it afterwards, for break-glass; undefined
 * when somebody may. Where the directory does not know everybody, only what no rule could ever permit is nobody's: who was never
 * seen here may well be able to.
 */
export async function findDeadEnd(broker: Broker, request: AccessRequest): Promise<string | undefined> {
  const { decision, scopes } = request;
  if (request.breakGlass && decision?.outcome === 'automatic') return findUnreviewable(broker, request);
  if (decision?.outcome !== 'needs_people') return undefined;
  const closed = scopes.find(
    (scope) => !broker.policy.mightPermit('approve', requireScope(broker.catalogue, scope)),
  );
  if (closed !== undefined) return `nobody can approve this: no rule lets anybody approve ${closed}`;
  if (!broker.directory.isComplete) return undefined;
  const find = await createApproverFinder(broker);
  const candidates = find({ ...request, escalatedAt: request.createdAt });
  const missing = findMissing(candidates.map(imagineReview(request)), decision.obligations, true);
  return isComplete(missing) ? undefined : describeMissing(missing, decision.obligations.approvals);
}

/** Why nobody could review this break-glass: its requester would never be given any again. Undefined where somebody could. */
async function findUnreviewable(broker: Broker, request: AccessRequest): Promise<string | undefined> {
  const why = 'nobody could review this break-glass afterwards';
  const closed = isApprovable(broker, request)
    ? undefined
    : request.scopes.find(
        (scope) => !broker.policy.mightPermit('revoke', requireScope(broker.catalogue, scope)),
      );
  if (closed !== undefined) return `${why}: no rule lets anybody approve or revoke ${closed}`;
  if (!broker.directory.isComplete) return undefined;
  const find = await createApproverFinder(broker);
  return find(request).length > 0 ? undefined : `${why}: policy wants somebody else, and nobody else may`;
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
  if (needed <= 1) return 'nobody can approve this: policy wants somebody else, and nobody else may';
  return `nobody can approve this: policy wants ${needed} other people, and only ${needed - missing.people} may`;
}

/** Names of those who could approve what is about to be asked. */
export async function listApprovers(
  broker: Broker,
  request: Omit<Reviewable, 'id' | 'escalatedAt'>,
): Promise<readonly string[]> {
  const find = await createApproverFinder(broker);
  return find({ ...request, id: 'req_preview', escalatedAt: null }).map(({ name }) => name);
}
