import type { Grant } from '../core/grant.ts';
import type { PolicyAction } from '../core/ports/policy.ts';
import { isSamePrincipal } from '../core/principal.ts';
import { type AccessRequest, concernsPeople } from '../core/request.ts';
import { askPermissions } from './decide.ts';
import type { Asker, Broker } from './parts.ts';
import { describeKind, findOthersStanding } from './review/reviewers.ts';

/** What of a grant its holder, and policy, go by. */
export type Held = Pick<Grant, 'heldBy' | 'scopes' | 'target'>;

/** What one asker may do with what others did. */
export type Rights = {
  readonly mayRevoke: (grant: Held) => boolean;
  readonly maySeeGrant: (grant: Held) => boolean;
  /** One's own, what one may decide or has decided, and what policy lets one read. */
  readonly maySee: (request: AccessRequest) => boolean;
};

type Place = { readonly scopes: readonly string[]; readonly target: string };

/**
 * For lists: policy is asked once for each kind of question, all of it as at the first one. Made for one call, or a few
 * seconds: a rule may go by the time. What takes something away asks anew.
 */
export function createRights(broker: Broker, asker: Asker): Rights {
  const { principal } = asker;
  const isAllowed = (action: PolicyAction) =>
    remember(
      ({ scopes, target }: Place) => askPermissions(broker, asker, { action, scopes, target }).allowed,
      ({ scopes, target }) => JSON.stringify([target, ...scopes]),
    );
  const [isRevokeAllowed, isReadAllowed] = [isAllowed('revoke'), isAllowed('read')];
  const couldReview = remember(
    (request: AccessRequest) => findOthersStanding(broker, asker, request).kind === 'reviewer',
    describeKind,
  );
  /**
   * Whoever may decide sees it. So does whoever may not only because they could be the requester under another name: to the
   * same human it is no secret, nor to somebody who could decide if they had another name. To anybody else the same name shows nothing.
   */
  const mayFaceDecision = (request: AccessRequest): boolean =>
    principal.person === request.requestedBy.person || couldReview(request);
  const mayRevoke = (grant: Held): boolean =>
    isSamePrincipal(principal, grant.heldBy) || isRevokeAllowed(grant);
  return {
    mayRevoke,
    maySeeGrant: (grant) => mayRevoke(grant) || isReadAllowed(grant),
    maySee: (request) => {
      if (isSamePrincipal(principal, request.requestedBy)) return true;
      const hasReviewed = request.reviews.some(({ by }) => isSamePrincipal(by, principal));
      if (hasReviewed || isReadAllowed(request)) return true;
      return concernsPeople(request) && mayFaceDecision(request);
    },
  };
}

function remember<T>(ask: (about: T) => boolean, describe: (about: T) => string): (about: T) => boolean {
  const known = new Map<string, boolean>();
  return (about) => {
    const key = describe(about);
    const answer = known.get(key) ?? ask(about);
    known.set(key, answer);
    return answer;
  };
}
