import { fail } from '../../core/errors.ts';
import { canMoveGrant, type Grant } from '../../core/grant.ts';
import type { Change, Transition } from '../../core/ports/store.ts';
import { type AccessRequest, canMoveRequest, type RequestState } from '../../core/request.ts';

/** A review is added to a pending request, a grant begun for an approved one: the state stays, the row changes. */
const MAY_STAY: readonly RequestState[] = ['pending', 'approved'];

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

function requireLegalRequest(change: Change<AccessRequest>): void {
  if ('insert' in change) return;
  const { before, after } = change;
  const stays = before.state === after.state && MAY_STAY.includes(after.state);
  requireThat(stays || canMoveRequest(before.state, after.state), describe(change));
  requireNextVersion(change);
  requireThat(
    before.requestedBy.subject === after.requestedBy.subject,
    `${before.id} cannot change its requester`,
  );
  requireThat(after.reviews.length >= before.reviews.length, `${before.id} cannot lose a review`);
}

function requireLegalGrant(change: Change<Grant>): void {
  if ('insert' in change) return;
  const { before, after } = change;
  requireThat(canMoveGrant(before.state, after.state), describe(change));
  requireNextVersion(change);
  requireThat(before.tokenId === after.tokenId, `${before.id} cannot change its token`);
  requireThat(before.heldBy.subject === after.heldBy.subject, `${before.id} cannot change its holder`);
}

type Row = { readonly id: string; readonly state: string; readonly version: number };
type Update = { readonly before: Row; readonly after: Row };

function requireNextVersion({ before, after }: Update): void {
  requireThat(before.id === after.id, `${before.id} cannot become ${after.id}`);
  requireThat(
    after.version === before.version + 1,
    `${before.id} must move to version ${before.version + 1}`,
  );
}

function describe({ before, after }: Update): string {
  return `${before.id} cannot go from ${before.state} to ${after.state}`;
}

function requireThat(holds: boolean, why: string): void {
  if (!holds) throw fail('failed', { why });
}
