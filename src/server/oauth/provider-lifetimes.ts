import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import {
  ACCESS_TOKEN_SECONDS,
  AUTHORIZATION_CODE_SECONDS,
  DEVICE_CODE_SECONDS,
  INTERACTION_SECONDS,
} from '../../core/limits.ts';
import type { SessionLimits } from './token-hooks.ts';

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
