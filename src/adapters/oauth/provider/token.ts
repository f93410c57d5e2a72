import { createHash } from 'node:crypto';
import { fail } from '../../../core/errors.ts';
import type { ProviderOrder, ProviderToken } from '../../../core/ports/provider.ts';
import { Secret } from '../../../core/secret.ts';
import { SECOND_MS } from '../../../core/time.ts';
import type { ConnectionOptions } from '../connection.ts';
import type { DeviceAnswer } from './device-grant.ts';

const LONGEST_TOKEN = 16_384;
/** Longer than anybody means; beyond it a date is none. */
const LONGEST_LIFE_SECONDS = 366 * 86_400;

export type Asked = { readonly connecting: ConnectionOptions; readonly order: ProviderOrder };

/** The token of an answer whose types the library has checked; `bad_answer` for what cannot be a grant. */
export function decodeToken(answer: DeviceAnswer, { connecting, order }: Asked): ProviderToken {
  const lifeSeconds = answer.expires_in ?? 0;
  const why = findFault(answer, order);
  if (why) throw fail('bad_answer', { address: connecting.server, why });
  return {
    token: new Secret(answer.access_token),
    refreshToken: answer.refresh_token ? new Secret(answer.refresh_token) : null,
    // RFC 6749 §5.1: a provider that says nothing of the scope gave what was asked for.
    scopes: answer.scope === undefined ? order.scopes : listScopes(answer.scope),
    details: answer.authorization_details,
    expiresAt: Math.floor(connecting.clock.now() + lifeSeconds * SECOND_MS),
    boundTo: order.key ? computeThumbprint(order.key) : null,
  };
}

function findFault(answer: DeviceAnswer, order: ProviderOrder): string | undefined {
  const { access_token: token, expires_in: lifeSeconds } = answer;
  if (lifeSeconds === undefined || lifeSeconds <= 0) return 'its token says not how long it lasts';
  if (lifeSeconds > LONGEST_LIFE_SECONDS) return 'its token lasts for years';
  if (answer.token_type !== (order.key ? 'dpop' : 'bearer'))
    return order.key ? 'its token is not bound to a key' : 'its token is not a bearer token';
  if (token.length > LONGEST_TOKEN) return 'its token is too long';
  // What goes into a header and a variable (RFC 6750 §2.1).
  return /^[\x21-\x7e]+$/.test(token) ? undefined : 'its token has characters that no token has';
}

/** `openid` is asked for with a stronger login only, and no access to a target. */
function listScopes(scope: string): readonly string[] {
  return scope.split(' ').filter((one) => one !== '' && one !== 'openid');
}

/** RFC 7638 §3.2: the members in this order, and no others. */
function computeThumbprint(key: Secret): string {
  const { crv, kty, x, y }: Readonly<Record<string, string>> = JSON.parse(key.reveal());
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}
