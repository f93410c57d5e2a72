import { fail } from '../../core/errors.ts';
import { type Grant, isGrantUsable } from '../../core/grant.ts';
import type { AccessRequest } from '../../core/request.ts';
import { buildEvent } from '../events.ts';
import type { Broker } from '../parts.ts';
import type { Delivery } from './delivery.ts';

/** The grant's token again, on record like every delivery; what was made at the target stays as it is. */
export async function signAgain(broker: Broker, request: AccessRequest, grant: Grant): Promise<Delivery> {
  const after = { ...grant, version: grant.version + 1 };
  const outcome = await broker.store.commit({
    grant: { before: grant, after },
    event: buildEvent(broker, {
      kind: 'grant.redelivered',
      actor: grant.heldBy.subject,
      requestId: request.id,
      grantId: grant.id,
      detail: { token_only: true },
    }),
  });
  if (outcome === 'committed')
    return { request, grant: after, token: await broker.signer.sign(after), credential: null };
  const current = await broker.store.readGrant(grant.id);
  if (current && isGrantUsable(current, broker.clock.now())) return signAgain(broker, request, current);
  throw fail('no_grant', { why: `${grant.id} was ended while its token was being signed` });
}
