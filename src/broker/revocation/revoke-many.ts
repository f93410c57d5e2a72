import { fail, JitError } from '../../core/errors.ts';
import { type Grant, LIVE_GRANT_STATES } from '../../core/grant.ts';
import { type AccessRequest, OPEN_REQUEST_STATES } from '../../core/request.ts';
import type { Selection } from '../../core/view.ts';
import { askPermissions } from '../decide.ts';
import { buildEvent } from '../events.ts';
import { doAll } from '../pacing/do-all.ts';
import { filterInTurns } from '../pacing/in-turns.ts';
import type { Asker, Broker } from '../parts.ts';
import { withdraw } from '../request/requests.ts';
import { createRights } from '../rights.ts';
import { findSubject } from '../view/find-subject.ts';
import { requireKnownPerson, requireKnownTarget } from './known.ts';
import { beginRevocation, buildEnding } from './revoke.ts';

const MOST_TAKEN = 100_000;

export type RevokedMany = {
  readonly grants: readonly Grant[];
  /** Requests that could have become grants. */
  readonly cancelled: number;
  readonly sessionsEnded: number;
};

/** Live grants of the selection that the asker may take away; oneself's own included. */
export async function listRevocable(
  broker: Broker,
  asker: Asker,
  selection: Selection,
): Promise<readonly Grant[]> {
  return listRevocableOf(broker, asker, await buildFilter(broker, selection));
}

async function listRevocableOf(broker: Broker, asker: Asker, filter: Filter): Promise<readonly Grant[]> {
  const grants = await broker.store.listGrants({
    ...filter,
    states: LIVE_GRANT_STATES,
    limit: MOST_TAKEN,
  });
  return filterInTurns(grants, createRights(broker, asker).mayRevoke);
}

/**
 * Takes away all that the asker may take: live grants, open requests that could become some, and, where one person is
 * meant and policy lets the asker revoke everything, that person's logins. From then on the tokens are dead; the worker
 * removes what is at the targets. Goes on past what fails: `not_all_revoked` where some was done and is on record.
 */
export async function revokeMany(broker: Broker, asker: Asker, selection: Selection): Promise<RevokedMany> {
  const actor = asker.principal.subject;
  // Once: what a name means may change with what is taken.
  const filter = await buildFilter(broker, selection);
  // Logins and requests first, so that nothing new comes of them while the grants go.
  const sessions = await doAll(listLogins(broker, asker, filter), (subject) =>
    broker.logins.endAll(subject, 'revoked'),
  );
  const sessionsEnded = sessions.done.reduce((total, count) => total + count, 0);
  const requests = await doAll(await listCancellable(broker, asker, filter), (request) =>
    withdraw(broker, request, { actor, because: 'revoked' }),
  );
  const cancelled = requests.done.filter((isEnded) => isEnded).length;
  const { done: grants, ...rest } = await doAll(await listRevocableOf(broker, asker, filter), (grant) =>
    beginRevocation(broker, grant, buildEnding(asker, { grant, because: 'revoked' })),
  );
  const undone = sessions.undone + requests.undone + rest.undone;
  const revoked = { grants, cancelled, sessionsEnded };
  // Otherwise whoever is logged in could fill the log with revocations that revoked nothing.
  const taken = grants.length + cancelled + sessionsEnded;
  if (taken > 0) await recordRevocation(broker, asker, { ...revoked, selection, undone });
  if (taken + undone === 0 && selection.user !== null && mayRevokeEverything(broker, asker))
    await requireKnownPerson(broker, selection.user);
  if (undone > 0) throw describeUndone({ taken, undone, why: sessions.why ?? requests.why ?? rest.why });
  return revoked;
}

type Undone = { readonly taken: number; readonly undone: number; readonly why: unknown };

function describeUndone({ taken, undone, why }: Undone): unknown {
  if (taken === 0) return why;
  const text = why instanceof JitError ? why.message : 'the server failed';
  return fail('not_all_revoked', { count: undone, total: undone + taken, why: text }, why);
}

/** Whose logins end with it: one person's, where somebody else means all of that person and may take anything. */
function listLogins(broker: Broker, asker: Asker, { heldBy, target }: Filter): readonly string[] {
  if (heldBy === undefined || target !== undefined || heldBy === asker.principal.subject) return [];
  return mayRevokeEverything(broker, asker) ? [heldBy] : [];
}

async function listCancellable(
  broker: Broker,
  asker: Asker,
  filter: Filter,
): Promise<readonly AccessRequest[]> {
  const open = await broker.store.listRequests({
    ...(filter.heldBy === undefined ? {} : { requestedBy: filter.heldBy }),
    ...(filter.target === undefined ? {} : { target: filter.target }),
    states: OPEN_REQUEST_STATES,
    limit: MOST_TAKEN,
  });
  const { mayRevoke } = createRights(broker, asker);
  return filterInTurns(open, ({ requestedBy, scopes, target }) =>
    mayRevoke({ heldBy: requestedBy, scopes, target }),
  );
}

/** Somebody who may take any access there is may also end the logins that new access could come from. */
export function mayRevokeEverything(broker: Broker, asker: Asker): boolean {
  const places = broker.catalogue.scopes.flatMap(({ name, targets }) =>
    targets.map((target) => ({ scopes: [name], target })),
  );
  return (
    places.length > 0 &&
    places.every((place) => askPermissions(broker, asker, { action: 'revoke', ...place }).allowed)
  );
}

type Filter = { readonly heldBy?: string; readonly target?: string };

async function buildFilter(broker: Broker, { user, target }: Selection): Promise<Filter> {
  if (target !== null) await requireKnownTarget(broker, target);
  return {
    ...(user === null ? {} : { heldBy: await findSubject(broker, user) }),
    ...(target === null ? {} : { target }),
  };
}

async function recordRevocation(
  broker: Broker,
  asker: Asker,
  {
    selection,
    grants,
    cancelled,
    sessionsEnded,
    undone,
  }: RevokedMany & { readonly selection: Selection; readonly undone: number },
): Promise<void> {
  await broker.store.commit({
    event: buildEvent(broker, {
      kind: 'people.revoked',
      actor: asker.principal.subject,
      detail: {
        user: selection.user,
        target: selection.target,
        everyone: selection.user === null && selection.target === null,
        grants: grants.length,
        cancelled,
        sessions_ended: sessionsEnded,
        ...(undone > 0 ? { failed: undone } : {}),
      },
    }),
  });
}
