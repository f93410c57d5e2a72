import type { Grant } from '../core/grant.ts';
import type { AccessRequest } from '../core/request.ts';
import type { Selection } from '../core/view.ts';
import { askPermissions } from './decide.ts';
import { buildEvent } from './events.ts';
import type { Asker, Broker } from './parts.ts';
import { findSubject } from './query.ts';
import { withdraw } from './requests.ts';
import { beginRevocation, mayRevoke } from './revoke.ts';

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
  const grants = await broker.store.listGrants({
    ...(await buildFilter(broker, selection)),
    states: ['provisioning', 'active', 'revoking'],
    limit: MOST_TAKEN,
  });
  return grants.filter((grant) => mayRevoke(broker, asker, grant));
}

/**
 * Takes away all that the asker may take: live grants, open requests that could become some, and, where one person is
 * meant and policy lets the asker revoke everything, that person's logins. From then on the tokens are dead; the worker
 * removes what is at the targets.
 */
export async function revokeMany(broker: Broker, asker: Asker, selection: Selection): Promise<RevokedMany> {
  const actor = asker.principal.subject;
  const subject = selection.user === null ? null : await findSubject(broker, selection.user);
  // Logins and requests first, so that nothing new comes of them while the grants go.
  const isAdmin = mayRevokeEverything(broker, asker);
  const sessionsEnded =
    subject !== null && selection.target === null && isAdmin && subject !== actor
      ? await broker.logins.endAll(subject, 'revoked')
      : 0;
  const cancelled = await cancelOpen(broker, asker, selection);
  const found = await listRevocable(broker, asker, selection);
  const grants = await Promise.all(
    found.map((grant) => beginRevocation(broker, grant, { because: 'revoked', actor })),
  );
  // Otherwise whoever is logged in could fill the log with revocations that revoked nothing.
  if (grants.length + cancelled + sessionsEnded > 0)
    await recordRevocation(broker, asker, { selection, grants, cancelled, sessionsEnded });
  return { grants, cancelled, sessionsEnded };
}

async function cancelOpen(broker: Broker, asker: Asker, selection: Selection): Promise<number> {
  const filter = await buildFilter(broker, selection);
  const open = await broker.store.listRequests({
    ...(filter.heldBy === undefined ? {} : { requestedBy: filter.heldBy }),
    ...(filter.target === undefined ? {} : { target: filter.target }),
    states: ['pending', 'approved'],
    limit: MOST_TAKEN,
  });
  const mine = open.filter((request) => mayCancel(broker, asker, request));
  const ended = await Promise.all(
    mine.map((request) => withdraw(broker, request, { actor: asker.principal.subject, because: 'revoked' })),
  );
  return ended.filter((isEnded) => isEnded).length;
}

function mayCancel(broker: Broker, asker: Asker, { requestedBy, scopes, target }: AccessRequest): boolean {
  return mayRevoke(broker, asker, { heldBy: requestedBy, scopes, target });
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

async function buildFilter(
  broker: Broker,
  { user, target }: Selection,
): Promise<{ readonly heldBy?: string; readonly target?: string }> {
  return {
    ...(user === null ? {} : { heldBy: await findSubject(broker, user) }),
    ...(target === null ? {} : { target }),
  };
}

async function recordRevocation(
  broker: Broker,
  asker: Asker,
  { selection, grants, cancelled, sessionsEnded }: RevokedMany & { readonly selection: Selection },
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
      },
    }),
  });
}
