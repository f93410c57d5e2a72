import type { Asker, Broker } from '../../broker/parts.ts';
import { approve, deny } from '../../broker/review/review.ts';
import { readRequest } from '../../broker/view/query.ts';
import { fail } from '../../core/errors.ts';
import type { Shown } from './slack-payload.ts';

/** Approves what was on the card, all of it, or nothing. */
export async function approveShown(
  broker: Broker,
  asker: Asker,
  { requestId, digest }: Shown,
): Promise<void> {
  const all = { scopes: null, durationSeconds: null, reason: null };
  await approve(broker, { asker, requestId, way: 'slack', digest, ...all });
}

/** Throws unless the card still shows what the request is, and there is something to decide. */
export async function requireDeniable(
  broker: Broker,
  asker: Asker,
  { requestId, digest }: Shown,
): Promise<void> {
  const request = await readRequest(broker, asker, requestId);
  if (request.state !== 'pending') throw fail('already_decided', { id: requestId, state: request.state });
  if (request.digest !== digest) throw fail('request_changed', { id: requestId });
}

export async function denyShown(
  broker: Broker,
  asker: Asker,
  denial: Shown & { readonly reason: string },
): Promise<void> {
  const { requestId, digest, reason } = denial;
  const request = await readRequest(broker, asker, requestId);
  if (request.digest !== digest) throw fail('request_changed', { id: requestId });
  await deny(broker, { asker, requestId, way: 'slack', reason });
}
