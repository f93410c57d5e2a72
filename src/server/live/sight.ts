import type { Asker, Broker } from '../../broker/parts.ts';
import { maySee, maySeeGrant } from '../../broker/visible.ts';
import type { Entry } from './feed.ts';

/** May the one who looks be told that this happened? */
export type Sight = (entry: Entry) => Promise<boolean>;

/** What was shown once stays shown; what was not is judged again each time, because escalation shows it to others. */
export function createSight(broker: Broker, asker: Asker): Sight {
  const shown = new Set<string>();
  return async ({ change, readSubject }) => {
    const id = change.requestId ?? change.grantId;
    if (id === null) return false;
    if (shown.has(id)) return true;
    const { request, grant } = await readSubject();
    const isVisible =
      (request !== undefined && maySee(broker, asker, request)) ||
      (grant !== undefined && maySeeGrant(broker, asker, grant));
    if (isVisible) shown.add(id);
    return isVisible;
  };
}
