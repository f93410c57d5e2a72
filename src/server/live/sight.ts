import type { Asker, Broker } from '../../broker/parts.ts';
import { createRights } from '../../broker/rights.ts';
import type { Entry } from './feed.ts';

/** May the one who looks be told that this happened? */
export type Sight = (entry: Entry) => Promise<boolean>;

/**
 * What was shown once stays shown; what was not is looked at again each time, because escalation shows it to others.
 * Policy is asked once for each kind of question: a stream makes another sight with each of its heartbeats.
 */
export function createSight(broker: Broker, asker: Asker): Sight {
  const rights = createRights(broker, asker);
  const shown = new Set<string>();
  return async ({ change, readSubject }) => {
    const id = change.requestId ?? change.grantId;
    if (id === null) return false;
    if (shown.has(id)) return true;
    const { request, grant } = await readSubject();
    const isVisible =
      (request !== undefined && rights.maySee(request)) || (grant !== undefined && rights.maySeeGrant(grant));
    if (isVisible) shown.add(id);
    return isVisible;
  };
}
