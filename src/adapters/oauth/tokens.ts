import { fail } from '../../core/errors.ts';
import type { StoredSession } from '../../core/ports/session.ts';
import { Secret } from '../../core/secret.ts';
import { type Instant, SECOND_MS } from '../../core/time.ts';

/** The members of a token response (RFC 6749 §5.1) that a session is made of; the library has checked their types. */
export type TokenResponse = {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in?: number;
  readonly refresh_token?: string;
};

type Rest = Pick<StoredSession, 'server' | 'name' | 'way' | 'dpopKey'> & {
  /** Kept where the response brings no new one: refresh tokens are not rotated. */
  readonly refreshToken?: Secret | null;
};

/** The session that a token response gives. Tokens that are not bound to the key are refused (RFC 9449 §5). */
export function decodeTokens(
  response: TokenResponse,
  context: { readonly rest: Rest; readonly now: Instant },
): StoredSession {
  const { rest, now } = context;
  const address = rest.server;
  if (response.token_type !== 'dpop') {
    throw fail('bad_answer', { address, why: 'its tokens are not bound to a key' });
  }
  if (response.expires_in === undefined) {
    throw fail('bad_answer', { address, why: 'its token says not how long it lasts' });
  }
  const isWorkload = rest.way.kind === 'workload';
  const refreshToken = response.refresh_token ? new Secret(response.refresh_token) : rest.refreshToken;
  if (!refreshToken && !isWorkload) throw fail('bad_answer', { address, why: 'it gave no refresh token' });
  return {
    server: rest.server,
    name: rest.name,
    way: rest.way,
    accessToken: new Secret(response.access_token),
    accessExpiresAt: Math.floor(now + response.expires_in * SECOND_MS),
    refreshToken: isWorkload ? null : (refreshToken ?? null),
    dpopKey: rest.dpopKey,
  };
}
