import { fail } from '../core/errors.ts';
import type { Grant } from '../core/grant.ts';
import { isSamePrincipal } from '../core/principal.ts';
import { type AccessRequest, concernsPeople } from '../core/request.ts';
import { askPermissions } from './decide.ts';
import type { Asker, Broker } from './parts.ts';
import { findOthersStanding } from './reviewers.ts';
import { mayRevoke } from './revoke.ts';

/** Does policy's `read` let one see what others asked for and held there? */
function mayRead(
  broker: Broker,
  asker: Asker,
  about: { readonly scopes: readonly string[]; readonly target: string },
): boolean {
  const { scopes, target } = about;
  return askPermissions(broker, asker, { action: 'read', scopes, target }).allowed;
}

/** One's own, what one may decide or has decided, and what policy lets one read. */
export function maySee(broker: Broker, asker: Asker, request: AccessRequest): boolean {
  if (isSamePrincipal(asker.principal, request.requestedBy)) return true;
  const hasReviewed = request.reviews.some(({ by }) => isSamePrincipal(by, asker.principal));
  if (hasReviewed || mayRead(broker, asker, request)) return true;
  return concernsPeople(request) && mayFaceDecision(broker, asker, request);
}

/**
 * Whoever may decide; and who may not because they could be the requester under another name is told so: it is no secret to
 * the same human, nor to somebody who could decide if they were called otherwise. Everybody else who calls himself so sees nothing.
 */
function mayFaceDecision(broker: Broker, asker: Asker, request: AccessRequest): boolean {
  if (asker.principal.person === request.requestedBy.person) return true;
  return findOthersStanding(broker, asker, request).kind === 'reviewer';
}

export function maySeeGrant(broker: Broker, asker: Asker, grant: Grant): boolean {
  return mayRevoke(broker, asker, grant) || mayRead(broker, asker, grant);
}

/** A request that is none of one's business is `not_found`, so that ids tell nothing. */
export async function requireVisible(broker: Broker, asker: Asker, id: string): Promise<AccessRequest> {
  const request = await broker.store.readRequest(id);
  return requireSeen(broker, asker, { id, seen: request && { request } }).request;
}

/** The same of what was read already. */
export function requireSeen<T extends { readonly request: AccessRequest }>(
  broker: Broker,
  asker: Asker,
  { id, seen }: { readonly id: string; readonly seen: T | undefined },
): T {
  if (seen && maySee(broker, asker, seen.request)) return seen;
  throw fail('not_found', { what: `request ${id}` });
}
