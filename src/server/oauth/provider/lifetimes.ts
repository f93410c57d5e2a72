import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { SessionLimits } from './token-hooks.ts';

export const ACCESS_TOKEN_SECONDS = 600;
const AUTHORIZATION_CODE_SECONDS = 60;
const INTERACTION_SECONDS = 600;
/** RFC 8628 leaves it open; DEV-12 wants ten minutes at most. */
const DEVICE_CODE_SECONDS = 600;
/** A device code is kept past its end, so that a late poll hears `expired_token` and not `invalid_grant`. */
export const DEVICE_CODE_KEPT_SECONDS = 600;

/** How long the provider's things live. No access token outlives its session, whose start the refresh token knows. */
export function buildLifetimes({ sessionSeconds, idleSeconds }: SessionLimits): Configuration['ttl'] {
  const shorter = Math.min(sessionSeconds, idleSeconds);
  return {
    AccessToken: (context) =>
      Math.max(1, Math.min(ACCESS_TOKEN_SECONDS, shorter, findRest(context, sessionSeconds))),
    AuthorizationCode: AUTHORIZATION_CODE_SECONDS,
    DeviceCode: DEVICE_CODE_SECONDS,
    Grant: sessionSeconds + DEVICE_CODE_SECONDS,
    IdToken: ACCESS_TOKEN_SECONDS,
    Interaction: INTERACTION_SECONDS,
    RefreshToken: shorter,
    Session: shorter,
  };
}

function findRest(context: KoaContextWithOIDC | undefined, sessionSeconds: number): number {
  const token = context?.oidc.entities.RefreshToken;
  return token?.iiat === undefined ? sessionSeconds : sessionSeconds - token.totalLifetime();
}
