import { type Adapter, errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { ReadAddress } from '../../http/address.ts';
import type { Admit } from './rate.ts';

export type AdmissionOptions = { readonly admit: Admit; readonly readAddress: ReadAddress };

const BEGINNINGS: ReadonlySet<string> = new Set(['device_authorization', 'authorization']);

/**
 * An adapter for what a login begins with, in which nothing is begun without room for it. Here, where the row is about to be
 * written, and not where the message arrives: malformed messages, and ones that never end, would take up the room of
 * those who log in.
 */
export function buildAdmittedAdapter(plain: Adapter, options: AdmissionOptions): Adapter {
  return {
    ...plain,
    async upsert(id, payload, expiresInSeconds) {
      const context = Provider.ctx;
      if (context && BEGINNINGS.has(context.oidc.route)) requireRoom(context, options);
      await plain.upsert(id, payload, expiresInSeconds);
    },
  };
}

/** An error as the others of these endpoints (RFC 6749 §5.2); the client says the description to its person. */
function requireRoom(context: KoaContextWithOIDC, { admit, readAddress }: AdmissionOptions): void {
  const afterSeconds = admit(readAddress(context.req));
  if (afterSeconds === undefined) return;
  context.set('retry-after', String(afterSeconds));
  const error = new errors.CustomOIDCProviderError(
    'temporarily_unavailable',
    `too many logins were begun, try again in ${afterSeconds} s`,
  );
  throw Object.assign(error, { status: 429, statusCode: 429, allow_redirect: false });
}
