import { fail } from '../../core/errors.ts';
import type { AccessRequest } from '../../core/request.ts';
import type { Asker, Broker } from '../parts.ts';
import { createRights } from '../rights.ts';

/** One's own, what one may decide or has decided, and what policy lets one read. */
export function maySee(broker: Broker, asker: Asker, request: AccessRequest): boolean {
  return createRights(broker, asker).maySee(request);
}

/** A request that is none of one's business is `not_found`, so that ids tell nothing. */
export async function requireVisible(broker: Broker, asker: Asker, id: string): Promise<AccessRequest> {
  const request = await broker.store.readRequest(id);
  return requireSeen(broker, asker, { id, seen: request && { request } }).request;
}

/** What was read of a request, for one who may see it; else `not_found`. */
export function requireSeen<T extends { readonly request: AccessRequest }>(
  broker: Broker,
  asker: Asker,
  { id, seen }: { readonly id: string; readonly seen: T | undefined },
): T {
  if (seen && maySee(broker, asker, seen.request)) return seen;
  throw fail('not_found', { what: `request ${id}` });
}
