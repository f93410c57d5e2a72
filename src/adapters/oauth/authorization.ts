import type { Authorization, StoredSession } from '../../core/ports/session.ts';
import { createMemoryMetadataCache, type MetadataCache } from './configuration.ts';
import { type ConnectionOptions, openConnection } from './connection.ts';
import { loginWithDevice } from './device-login.ts';
import { decodeDpopKey } from './dpop-key.ts';
import { mapSessionError } from './map-error.ts';
import { retryRedated } from './retry-redated.ts';
import { requireSecureUrl } from './secure-url.ts';
import { decodeTokens, type TokenResponse } from './tokens.ts';
import { loginAsWorkload } from './workload-login.ts';

export type AuthorizationOptions = Omit<ConnectionOptions, 'metadataCache'> & {
  /** Spares the discovery of a server that is known; without one it is remembered while the process lives. */
  readonly metadataCache?: MetadataCache;
};

/** `Authorization` at one server. `insecure_server` or `usage` at once for an address that is not to be used. */
export function createAuthorization(options: AuthorizationOptions): Authorization {
  const url = requireSecureUrl(options.server);
  const connecting: ConnectionOptions = {
    ...options,
    server: url.pathname === '/' ? url.origin : options.server,
    metadataCache: options.metadataCache ?? createMemoryMetadataCache(),
  };
  return {
    deviceLogin: (login) => loginWithDevice(connecting, login),
    // A refresh, which other commands wait for, has no use for a server.
    browserLogin: async (login) => (await import('./browser-login.ts')).loginWithBrowser(connecting, login),
    workloadLogin: (login) => loginAsWorkload(connecting, login),
    refresh: (session) => mapped(connecting, () => refresh(connecting, session)),
    revoke: (session) => mapped(connecting, () => revoke(connecting, session)),
  };
}

async function mapped<T>(connecting: ConnectionOptions, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw mapSessionError(error, connecting.server);
  }
}

async function refresh(connecting: ConnectionOptions, session: StoredSession): Promise<StoredSession> {
  const { way, dpopKey, refreshToken, name } = session;
  if (way.kind === 'workload') return { ...(await loginAsWorkload(connecting, { ...way, dpopKey })), name };
  const { client, configuration, createProofs } = await openConnection(connecting);
  const DPoP = createProofs(await decodeDpopKey(dpopKey));
  const token = refreshToken?.reveal() ?? '';
  const response: TokenResponse = await retryRedated(() =>
    client.refreshTokenGrant(configuration, token, undefined, { DPoP }),
  );
  return decodeTokens(response, { rest: session, now: connecting.clock.now() });
}

async function revoke(connecting: ConnectionOptions, session: StoredSession): Promise<void> {
  const { client, configuration } = await openConnection(connecting);
  const { refreshToken, accessToken } = session;
  await client.tokenRevocation(configuration, (refreshToken ?? accessToken).reveal(), {
    token_type_hint: refreshToken ? 'refresh_token' : 'access_token',
  });
}
