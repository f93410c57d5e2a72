import type { Decision } from '../../core/decision.ts';
import { fail, hasCode } from '../../core/errors.ts';
import type { AccessRequest } from '../../core/request.ts';
import { decide } from '../decide.ts';
import type { Asker, Broker } from '../parts.ts';

/** Policy, asked again for the person who asked: as they are now, from where and how they were logged in then. */
export async function decideAgain(broker: Broker, request: AccessRequest): Promise<Decision> {
  const { id } = request;
  const principal = await broker.directory.find(request.requestedBy.subject);
  if (!principal) throw fail('not_allowed_now', { id, why: 'whoever asked is not here any more' });
  const decision = decideOrRefuse(broker, { principal, ...request.origin }, request);
  if (decision.outcome !== 'denied') return decision;
  throw fail('not_allowed_now', { id, why: decision.reasons.join('; ') || 'no rule allows it' });
}

/** A scope or target that left the configuration since it was asked for is refused in the same words. */
function decideOrRefuse(broker: Broker, asker: Asker, request: AccessRequest): Decision {
  try {
    return decide(broker, asker, request);
  } catch (error) {
    if (!hasCode(error, 'unknown_scope', 'unknown_target')) throw error;
    throw fail('not_allowed_now', { id: request.id, why: error.message });
  }
}
