import { fail } from '../../core/errors.ts';
import { type Grant, LIVE_GRANT_STATES } from '../../core/grant.ts';
import { MOST_HISTORY_ROWS } from '../../core/limits.ts';
import { isSamePrincipal } from '../../core/principal.ts';
import { findRequestDeadline, OPEN_REQUEST_STATES } from '../../core/request.ts';
import type { GrantView, RequestView, StatusView } from '../../core/view.ts';
import { filterInTurns } from '../pacing/in-turns.ts';
import type { Asker, Broker } from '../parts.ts';
import { createRights } from '../rights.ts';
import { findSubject } from './find-subject.ts';
import { viewGrant, viewRequest, viewRequests } from './view.ts';
import { requireVisible } from './visible.ts';

const MOST_LIVE = 10_000;

/** What is open for one person: requests that wait for something, break-glass that nobody has looked at yet, grants that are live or not yet confirmed gone. */
export async function readStatus(broker: Broker, asker: Asker): Promise<StatusView> {
  const { subject } = asker.principal;
  const [requests, due, grants] = await Promise.all([
    broker.store.listRequests({
      requestedBy: subject,
      states: OPEN_REQUEST_STATES,
      limit: MOST_HISTORY_ROWS,
    }),
    broker.store.listRequests({ requestedBy: subject, isReviewDue: true, limit: MOST_HISTORY_ROWS }),
    broker.store.listGrants({
      heldBy: subject,
      states: LIVE_GRANT_STATES,
      limit: MOST_HISTORY_ROWS,
    }),
  ]);
  const now = broker.clock.now();
  const open = requests.filter((request) => (findRequestDeadline(request) ?? now) > now);
  return {
    asOf: now,
    requests: await viewRequests(broker, [...open, ...due.filter((request) => !open.includes(request))]),
    grants: grants.map((grant) => viewGrant(broker, grant)),
  };
}

export type HistoryQuery = {
  readonly limit: number;
  /** Somebody else, by name or subject; undefined: oneself. */
  readonly user?: string | undefined;
};

/** What one person asked for and held, newest first: oneself, or another as far as policy lets one read it. */
export async function listHistory(
  broker: Broker,
  asker: Asker,
  { limit, user }: HistoryQuery,
): Promise<StatusView> {
  const subject = user === undefined ? asker.principal.subject : await findSubject(broker, user);
  const most = Math.min(limit, MOST_HISTORY_ROWS);
  const [requests, grants] = await Promise.all([
    broker.store.listRequests({ requestedBy: subject, limit: most }),
    broker.store.listGrants({ heldBy: subject, limit: most }),
  ]);
  const rights = createRights(broker, asker);
  const seen = requests.filter(rights.maySee);
  return {
    asOf: broker.clock.now(),
    requests: await viewRequests(broker, seen),
    grants: grants.filter(rights.maySeeGrant).map((grant) => viewGrant(broker, grant)),
  };
}

export async function readRequest(broker: Broker, asker: Asker, id: string): Promise<RequestView> {
  return viewRequest(broker, await requireVisible(broker, asker, id));
}

export async function readGrant(broker: Broker, asker: Asker, id: string): Promise<GrantView> {
  return (await readRevocableGrant(broker, asker, id)).grant;
}

/** A grant, whether the asker may take it away, and whether it is the asker's own: others may have the same name. */
export type SeenGrant = {
  readonly grant: GrantView;
  readonly mayRevoke: boolean;
  readonly isOwn: boolean;
};

/** One grant with what the asker may do about it. Throws `not_found` where they may not see it. */
export async function readRevocableGrant(broker: Broker, asker: Asker, id: string): Promise<SeenGrant> {
  const grant = await broker.store.readGrant(id);
  const rights = createRights(broker, asker);
  if (!grant || !rights.maySeeGrant(grant)) throw fail('not_found', { what: `grant ${id}` });
  return look(broker, asker, { grant, mayRevoke: rights.mayRevoke(grant) });
}

/** What is live, or not yet confirmed gone, as far as one may see it. Newest first. */
export async function listLive(broker: Broker, asker: Asker): Promise<readonly SeenGrant[]> {
  const rights = createRights(broker, asker);
  const all = await broker.store.listGrants({ states: LIVE_GRANT_STATES, limit: MOST_LIVE });
  const seen = await filterInTurns(all, rights.maySeeGrant);
  const revocable = new Set(await filterInTurns(seen, rights.mayRevoke));
  return seen.map((grant) => look(broker, asker, { grant, mayRevoke: revocable.has(grant) }));
}

function look(
  broker: Broker,
  { principal }: Asker,
  { grant, mayRevoke }: { readonly grant: Grant; readonly mayRevoke: boolean },
): SeenGrant {
  return { grant: viewGrant(broker, grant), mayRevoke, isOwn: isSamePrincipal(principal, grant.heldBy) };
}
