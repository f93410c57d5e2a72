import { isSamePrincipal } from '../../core/principal.ts';
import type { AccessRequest } from '../../core/request.ts';
import { isSamePerson } from '../../core/same-person.ts';
import type { DossierView } from '../../core/view.ts';
import type { Asker, Broker } from '../parts.ts';
import { createRights } from '../rights.ts';
import { viewGrant, viewRequests } from '../view/view.ts';
import { requireVisible } from '../view/visible.ts';
import { findStanding } from './reviewers.ts';
import { listUnusual } from './unusual.ts';

const MOST_EARLIER = 10;
/** How far back it is looked for what this person usually does. */
const LOOKED_THROUGH = 50;

/** A dossier, and whether the reader's own account asked: others may have the same name. */
export type OpenedDossier = DossierView & { readonly isOwn: boolean };

/** All that a reviewer wants to know before deciding: of what was asked for elsewhere, only what they may see there. */
export async function readDossier(broker: Broker, asker: Asker, id: string): Promise<OpenedDossier> {
  const request = await requireVisible(broker, asker, id);
  const { subject, name, kind, groups } = request.requestedBy;
  const [asked, grants] = await Promise.all([
    broker.store.listRequests({ requestedBy: subject, limit: LOOKED_THROUGH }),
    broker.store.listGrants({ heldBy: subject, limit: MOST_EARLIER }),
  ]);
  const rights = createRights(broker, asker);
  const before = asked.filter((other) => other.id !== id && other.createdAt <= request.createdAt);
  const shown = before.filter((other) => other.target === request.target || rights.maySee(other));
  const [view, ...earlier] = await viewRequests(broker, [request, ...shown.slice(0, MOST_EARLIER)]);
  if (!view) throw new Error('a request has a view');
  const obstacle = findObstacle(broker, asker, request);
  return {
    request: view,
    isOwn: isSamePrincipal(asker.principal, request.requestedBy),
    mayDecide: obstacle === null,
    obstacle,
    requester: { name, kind, groups },
    from: {
      ip: request.origin.ip,
      method: request.origin.login.method,
      loggedInAt: request.origin.login.at,
    },
    verdicts: (request.decision?.verdicts ?? []).map(({ scope, outcome, rules, reasons }) => ({
      scope,
      outcome,
      rules,
      reasons,
    })),
    unusual: listUnusual(request, before, broker.settings.timeZone),
    earlier,
    grants: grants
      .filter((grant) => rights.maySeeGrant(grant) || grant.target === request.target)
      .map((grant) => viewGrant(broker, grant)),
  };
}

/** Why the reader cannot decide now, or review afterwards; null where they can. */
function findObstacle(broker: Broker, asker: Asker, request: AccessRequest): string | null {
  const standing = findStanding(broker, asker, request);
  if (standing.kind === 'self') {
    return isSamePrincipal(asker.principal, request.requestedBy)
      ? 'it is your own request'
      : 'whoever asked could be you: the name or the person is the same';
  }
  if (standing.kind === 'stranger') return standing.why;
  if (request.afterwards) {
    return request.afterwards.review ? `it was ${request.afterwards.review.outcome} already` : null;
  }
  if (request.state !== 'pending') return `it is ${request.state}`;
  const isReviewed = request.reviews.some(({ by }) => isSamePerson(by, asker.principal));
  return isReviewed ? 'you have approved it; somebody else must as well' : null;
}
