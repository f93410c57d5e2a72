import type { Authorization, StoredSession } from '../../core/ports/session.ts';
import { createMemoryMetadataCache, type MetadataCache } from './configuration.ts';
import { type ConnectionOptions, openConnection } from './connection.ts';
import { loginWithDevice } from './device-login.ts';
import { decodeDpopKey } from './dpop-key.ts';
import { judgeError } from './judge-error.ts';
import { mapSessionError } from './map-error.ts';
import { requireSecureUrl } from './secure-url.ts';
import { decodeTokens, type TokenResponse } from './tokens.ts';

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
  const { client, configuration, createProofs } = await openConnection(connecting);
  const DPoP = createProofs(await decodeDpopKey(session.dpopKey));
  const ask = (): Promise<TokenResponse> =>
    client.refreshTokenGrant(configuration, session.refreshToken.reveal(), undefined, { DPoP });
  const response = await ask().catch((error: unknown) => {
    // The refusal told the server's time: the next proof is dated by it.
    if (isProofRefused(error)) return ask();
    throw error;
  });
  return decodeTokens(response, { rest: session, now: connecting.clock.now() });
}

function isProofRefused(error: unknown): boolean {
  const trouble = judgeError(error);
  return trouble.kind === 'refused' && trouble.error === 'invalid_dpop_proof';
}

async function revoke(connecting: ConnectionOptions, session: StoredSession): Promise<void> {
  const { client, configuration } = await openConnection(connecting);
  await client.tokenRevocation(configuration, session.refreshToken.reveal(), {
    token_type_hint: 'refresh_token',
  });
}
