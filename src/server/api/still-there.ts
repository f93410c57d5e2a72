import type { Context } from 'hono';
import { SYSTEM } from '../../broker/events.ts';
import { withdraw } from '../../broker/request/requests.ts';
import { beginRevocation } from '../../broker/revocation/revoke.ts';
import { fail } from '../../core/errors.ts';
import type { Grant } from '../../core/grant.ts';
import type { AccessRequest } from '../../core/request.ts';
import type { ApiEnvironment, ApiParts } from './context.ts';

type Made = { readonly request: AccessRequest; readonly grant: Grant | undefined };

/**
 * Takes back what was made for a session that was ended while it was made. Whoever ends a session looks afterwards for
 * what there is to take; this looks for the session after something was made: one of the two sees the other.
 */
export async function requireStillThere(
  { broker, isStillLoggedIn }: ApiParts,
  c: Context<ApiEnvironment>,
  { request, grant }: Made,
): Promise<void> {
  if (await isStillLoggedIn(c)) return;
  const ending = { because: 'revoked', actor: SYSTEM } as const;
  await withdraw(broker, request, ending);
  if (grant) await beginRevocation(broker, grant, ending);
  throw fail('session_expired', { server: broker.settings.url });
}
