import { HELD_GRANT_STATES } from '../../core/grant.ts';
import { OPEN_REQUEST_STATES } from '../../core/request.ts';
import { buildEvent } from '../events.ts';
import { doAll } from '../pacing/do-all.ts';
import type { Broker } from '../parts.ts';
import { withdraw } from '../request/requests.ts';
import { beginRevocation } from './revoke.ts';

const MOST_TAKEN = 10_000;

/** Somebody left: logins, open requests and live grants end, in that order, so that nothing new comes of the rest. */
export async function endPerson(broker: Broker, subject: string, actor: string): Promise<void> {
  const sessionsEnded = await broker.logins.endAll(subject, 'left');
  await broker.store.commit({
    event: buildEvent(broker, {
      kind: 'person.left',
      actor,
      detail: { subject, sessions_ended: sessionsEnded },
    }),
  });
  const open = await broker.store.listRequests({
    requestedBy: subject,
    states: OPEN_REQUEST_STATES,
    limit: MOST_TAKEN,
  });
  const requests = await doAll(open, (request) => withdraw(broker, request, { actor, because: 'left' }));
  const live = await broker.store.listGrants({
    heldBy: subject,
    states: HELD_GRANT_STATES,
    limit: MOST_TAKEN,
  });
  const grants = await doAll(live, (grant) => beginRevocation(broker, grant, { because: 'left', actor }));
  if (requests.undone + grants.undone > 0) throw requests.why ?? grants.why;
}
