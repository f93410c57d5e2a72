import { canMoveGrant, type Grant } from '../../../core/grant.ts';
import type { Change, Transition } from '../../../core/ports/store.ts';
import type { AccessRequest } from '../../../core/request.ts';
import { requireLegalRequest } from './legal-request.ts';
import { describe, requireNextVersion, requireThat } from './legal-row.ts';

/** Throws `failed` for a transition that no caller may ever ask for: a mistake in the program, not a lost race. */
export function requireLegal(transition: Transition): void {
  if (transition.request) requireLegalRequest(transition.request);
  if (transition.grant) requireLegalGrant(transition.grant);
  if (transition.request && transition.grant) requireOneHolder(transition.request, transition.grant);
}

/** No request may ever move somebody else's grant (S3). */
function requireOneHolder(request: Change<AccessRequest>, grant: Change<Grant>): void {
  const requester = 'insert' in request ? request.insert.requestedBy : request.after.requestedBy;
  const holder = 'insert' in grant ? grant.insert.heldBy : grant.after.heldBy;
  requireThat(requester.subject === holder.subject, 'a request cannot move the grant of somebody else');
}

function requireLegalGrant(change: Change<Grant>): void {
  if ('insert' in change) return;
  const { before, after } = change;
  requireThat(canMoveGrant(before.state, after.state), describe(change));
  requireNextVersion(change);
  requireThat(before.tokenId === after.tokenId, `${before.id} cannot change its token`);
  requireThat(before.heldBy.subject === after.heldBy.subject, `${before.id} cannot change its holder`);
}
