import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Clock } from '../../core/ports/clock.ts';
import type { ProtocolStore } from '../../core/ports/protocol-store.ts';
import type { Secret } from '../../core/secret.ts';
import type { ReadAddress } from '../address.ts';
import { isClientFault } from '../client-fault.ts';
import { renderErrorPage } from '../pages/error-page.tsx';
import { SECURITY_HEADERS } from '../pages/security-headers.ts';
import { buildAdapter, buildRefinedAdapter, buildReplayAdapter, createAdapterFactory } from './adapter.ts';
import { CLIENT_ID, type LoginMethods } from './client.ts';
import { buildConfiguration, ROUTES } from './configuration.ts';
import { buildDeviceCodeAdapter } from './device-codes.ts';
import { createDeviceLogin, type DeviceLogin } from './device-login.ts';
import type { RecordSessionEvent } from './events.ts';
import { isOwnHost } from './host.ts';
import type { Identity } from './identity.ts';
import type { SigningKeys } from './keys.ts';
import { DEVICE_LOGIN_RATE, POLL_INTERVAL_SECONDS } from './limits.ts';
import { createAdmission } from './login-rate.ts';
import { createLoginSessions, type LoginSessions } from './login-sessions.ts';
import { createPollGuard, createRefreshGuard } from './token-guards.ts';
import { finishAnswer, type SessionLimits } from './token-hooks.ts';

export type AuthorizationServerOptions = {
  /** The issuer: an origin, without a path. */
  readonly url: string;
  readonly installName: string;
  readonly protocol: ProtocolStore;
  readonly clock: Clock;
  readonly identity: Identity;
  readonly keys: SigningKeys;
  readonly cookieSecret: Secret;
  readonly login: LoginMethods & SessionLimits;
  readonly onEvent: RecordSessionEvent;
  /** Called with what nobody expected; the client hears `server_error` only. */
  readonly onError: (error: unknown) => void;
  /** Whom a request came from; the trusted proxies are its business. */
  readonly readAddress: ReadAddress;
  /** Public clients besides jit's own, under the same rules. */
  readonly otherClientIds?: readonly string[];
  readonly pollIntervalSeconds?: number;
};

export type AuthorizationServer = {
  /** Answers `handles` paths; everything else with 404. */
  readonly callback: (request: IncomingMessage, response: ServerResponse) => void;
  /** Is this path the provider's? Introspection and revocation are not: they are hono routes. */
  readonly handles: (path: string) => boolean;
  readonly deviceLogin: DeviceLogin;
  readonly sessions: LoginSessions;
};

const PATHS: ReadonlySet<string> = new Set([
  ROUTES.authorization,
  ROUTES.token,
  ROUTES.jwks,
  ROUTES.device_authorization,
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
]);

/** oidc-provider as jit needs it (architecture.md). Keys and configuration are fixed: a change makes a new one. */
export function createAuthorizationServer(options: AuthorizationServerOptions): AuthorizationServer {
  const { protocol, clock, onEvent } = options;
  const sessions = createLoginSessions({ protocol, onEvent });
  const provider = createProvider(options, sessions);
  const answer = provider.callback();
  const admit = createAdmission(clock, DEVICE_LOGIN_RATE);
  const handles = (path: string) => PATHS.has(path) || path.startsWith(`${ROUTES.authorization}/`);
  return {
    handles,
    sessions,
    deviceLogin: createDeviceLogin({ provider, protocol, clock, onEvent }),
    callback: (request, response) => {
      for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
      if (!isOwnHost(options.url, request.headers.host)) return refuse(response, 421);
      const path = (request.url ?? '').split('?')[0] ?? '';
      if (!handles(path)) return refuse(response, 404);
      const begins = path === ROUTES.device_authorization && request.method === 'POST';
      const afterSeconds = begins ? admit(options.readAddress(request)) : undefined;
      if (afterSeconds !== undefined) return refuseForNow(response, afterSeconds);
      void answer(request, response);
    },
  };
}

function createProvider(options: AuthorizationServerOptions, sessions: LoginSessions): Provider {
  const { url, protocol, clock, login, onEvent } = options;
  const pollIntervalSeconds = options.pollIntervalSeconds ?? POLL_INTERVAL_SECONDS;
  const provider = new Provider(
    url,
    buildConfiguration({
      ...options,
      adapter: buildGuardedAdapters({ protocol, clock, sessions, pollIntervalSeconds }),
      clientIds: [CLIENT_ID, ...(options.otherClientIds ?? [])],
      renderError: (error) => renderErrorPage({ ...error, installName: options.installName }),
    }),
  );
  provider.use(async (context, next) => {
    await next();
    if (!isProviderContext(context)) return;
    await finishAnswer(context, { clock, limits: login, pollIntervalSeconds, onEvent });
  });
  const tell = (error: unknown, request?: IncomingMessage) => {
    if (!isClientFault(error, request)) options.onError(error);
  };
  provider.on('server_error', (context, error) => tell(error, context.req));
  // Without a listener koa prints what went wrong by itself.
  (provider as EventEmitter).on('error', (error: unknown, context?: { readonly req: IncomingMessage }) =>
    tell(error, context?.req),
  );
  return provider;
}

/** The provider gives a context its own part only on paths that it answers. */
function isProviderContext(context: object): context is KoaContextWithOIDC {
  return 'oidc' in context && context.oidc !== undefined;
}

function buildGuardedAdapters(guarded: Parameters<typeof createPollGuard>[0]) {
  const { protocol, clock } = guarded;
  const stored = { protocol, clock };
  return createAdapterFactory({
    ...stored,
    special: {
      DeviceCode: buildDeviceCodeAdapter(stored, createPollGuard(guarded)),
      RefreshToken: buildRefinedAdapter(buildAdapter('RefreshToken', stored), createRefreshGuard(guarded)),
      ReplayDetection: buildReplayAdapter(stored),
    },
  });
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end();
}

/** An error as the others of this endpoint (RFC 6749 §5.2); the client says the description to its person. */
function refuseForNow(response: ServerResponse, afterSeconds: number): void {
  const body = {
    error: 'temporarily_unavailable',
    error_description: `too many logins were begun, try again in ${afterSeconds} s`,
  };
  const headers = {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'retry-after': String(afterSeconds),
  };
  response.writeHead(429, headers).end(JSON.stringify(body));
}
