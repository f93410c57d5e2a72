import { type AuthorizationOptions, createAuthorization } from '../../../src/adapters/oauth/authorization.ts';
import { createHttp } from '../../../src/adapters/oauth/http.ts';
import type { Clock } from '../../../src/core/ports/clock.ts';
import type { Authorization, DevicePrompt, StoredSession } from '../../../src/core/ports/session.ts';
import type { Reply, ScriptedServer } from './server.ts';

export const METADATA = '/.well-known/oauth-authorization-server';
export const DEVICE = '/oauth/device';
export const TOKEN = '/oauth/token';
export const REVOKE = '/oauth/revoke';

export function buildMetadata(server: ScriptedServer): Readonly<Record<string, unknown>> {
  return {
    issuer: server.url,
    device_authorization_endpoint: server.url + DEVICE,
    token_endpoint: server.url + TOKEN,
    revocation_endpoint: server.url + REVOKE,
    dpop_signing_alg_values_supported: ['ES256'],
  };
}

export function buildDeviceAnswer(server: ScriptedServer): Readonly<Record<string, unknown>> {
  return {
    device_code: 'the-device-code',
    user_code: 'BCDF-GHJK',
    verification_uri: `${server.url}/device`,
    verification_uri_complete: `${server.url}/device?user_code=BCDF-GHJK`,
    expires_in: 600,
  };
}

export const TOKENS = {
  access_token: 'the-access-token',
  token_type: 'DPoP',
  expires_in: 900,
  refresh_token: 'the-refresh-token',
  scope: 'openid offline_access',
};

export const pending: Reply = { status: 400, json: { error: 'authorization_pending' } };
export const slowDown: Reply = { status: 400, json: { error: 'slow_down' } };
export const granted: Reply = { json: TOKENS };

export function refused(error: string, description?: string): Reply {
  return { status: 400, json: { error, error_description: description } };
}

/** An authorization server whose device codes are confirmed by the script of its token endpoint. */
export function scriptLogin(server: ScriptedServer, ...polls: readonly Reply[]): void {
  server.on(METADATA, { json: buildMetadata(server) });
  server.on(DEVICE, { json: buildDeviceAnswer(server) });
  server.on(TOKEN, ...(polls.length > 0 ? polls : [granted]));
}

export function connect(
  server: ScriptedServer,
  options: { readonly clock: Clock } & Partial<AuthorizationOptions>,
): Authorization {
  return createAuthorization({
    server: server.url,
    clientId: 'jit-cli',
    http: createHttp({ timeoutMs: 2_000 }),
    ...options,
  });
}

export type Login = { readonly session: Promise<StoredSession>; readonly prompts: DevicePrompt[] };

export function beginLogin(authorization: Authorization, signal?: AbortSignal): Login {
  const prompts: DevicePrompt[] = [];
  const session = authorization.deviceLogin({
    hostName: 'laptop',
    purpose: 'jit login',
    show: (prompt) => prompts.push(prompt),
    signal: signal ?? new AbortController().signal,
  });
  return { session, prompts };
}
