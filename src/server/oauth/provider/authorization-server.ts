import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { POLL_INTERVAL_SECONDS } from '../../../core/limits.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { ProtocolStore } from '../../../core/ports/protocol-store.ts';
import type { Secret } from '../../../core/secret.ts';
import type { ReadAddress } from '../../http/address.ts';
import { isClientFault } from '../../http/client-fault.ts';
import { renderErrorPage } from '../../pages/error-page.tsx';
import { SECURITY_HEADERS } from '../../pages/security-headers.ts';
import { CLIENT_ID, type LoginMethods } from '../client.ts';
import type { RecordSessionEvent } from '../events.ts';
import { isOwnHost } from '../host.ts';
import { type AdmissionOptions, buildAdmittedAdapter } from '../login/admission.ts';
import { type BrowserLogin, createBrowserLogin } from '../login/browser-login.ts';
import { buildDeviceCodeAdapter } from '../login/device-codes.ts';
import { createDeviceLogin, type DeviceLogin } from '../login/device-login.ts';
import type { Identity } from '../login/identity.ts';
import { createAdmission, LOGIN_RATE } from '../login/rate.ts';
import { createLoginSessions, type LoginSessions } from '../login/sessions.ts';
import type { SigningKeys } from '../tokens/keys.ts';
import { createExchange, type WorkloadParts } from '../workloads/exchange.ts';
import { registerWorkloadGrant } from '../workloads/grant-type.ts';
import {
  buildAdapter,
  buildForgetfulAdapter,
  buildRefinedAdapter,
  buildReplayAdapter,
  createAdapterFactory,
} from './adapter.ts';
import { buildConfiguration, ROUTES } from './configuration.ts';
import { createPollGuard, createRefreshGuard } from './token-guards.ts';
import { finishAnswer, type SessionLimits } from './token-hooks.ts';
import { answerUnavailable, UNAVAILABLE } from './unavailable.ts';

export type AuthorizationServerOptions = {
  /** The issuer: an origin, without a path. */
  readonly url: string;
  readonly installName: string;
  readonly protocol: ProtocolStore;
  readonly clock: Clock;
  readonly identity: Identity;
  readonly keys: SigningKeys;
  /** The first signs cookies; what any of them has signed is good. */
  readonly cookieSecrets: () => readonly Secret[];
  readonly login: LoginMethods & SessionLimits;
  /** Whose tokens are exchanged for sessions; null or left out: nobody's. */
  readonly workloads?: WorkloadParts | null;
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
  readonly browserLogin: BrowserLogin;
  readonly sessions: LoginSessions;
};

const PATHS = [
  ROUTES.token,
  ROUTES.jwks,
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
];

/** The paths of a way of logging in that is turned off are nobody's (OAU-07). */
function createMatcher({ device, browser }: LoginMethods): (path: string) => boolean {
  const paths = new Set([
    ...PATHS,
    ...(device ? [ROUTES.device_authorization] : []),
    ...(browser ? [ROUTES.authorization] : []),
  ]);
  return (path) => paths.has(path) || (browser && path.startsWith(`${ROUTES.authorization}/`));
}

/**
 * oidc-provider as jit needs it. Configuration is fixed, and so are the keys of a provider: where others
 * sign, or are trusted, another one answers whoever asks from then on.
 */
export function createAuthorizationServer(options: AuthorizationServerOptions): AuthorizationServer {
  const { protocol, clock, onEvent } = options;
  const sessions = createLoginSessions({ protocol, onEvent });
  const admission = { admit: createAdmission(clock, LOGIN_RATE), readAddress: options.readAddress };
  const open = (): Engine => {
    const provider = createProvider({ ...options, ...admission }, sessions);
    return {
      answer: provider.callback(),
      deviceLogin: createDeviceLogin({ provider, protocol, clock, onEvent }),
      browserLogin: createBrowserLogin({ provider, onEvent }),
    };
  };
  const current = createRenewed(open, () => [options.keys.generation, ...options.cookieSecrets()]);
  current();
  const handles = createMatcher(options.login);
  return {
    handles,
    sessions,
    deviceLogin: {
      find: (userCode) => current().deviceLogin.find(userCode),
      decide: (decision) => current().deviceLogin.decide(decision),
    },
    browserLogin: {
      find: (exchange) => current().browserLogin.find(exchange),
      decide: (exchange, decision) => current().browserLogin.decide(exchange, decision),
    },
    callback: (request, response) => {
      for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
      if (!isOwnHost(options.url, request.headers.host)) return refuse(response, 421);
      const path = (request.url ?? '').split('?')[0] ?? '';
      if (!handles(path)) return refuse(response, 404);
      void current().answer(request, response);
    },
  };
}

type Engine = Pick<AuthorizationServer, 'deviceLogin' | 'browserLogin'> & {
  readonly answer: AuthorizationServer['callback'];
};

/** What was opened last, for as long as what it was made of is the same. */
function createRenewed<T>(open: () => T, read: () => readonly unknown[]): () => T {
  let opened: { readonly value: T; readonly of: readonly unknown[] } | undefined;
  return () => {
    const now = read();
    const isSame = opened?.of.length === now.length && now.every((part, index) => part === opened?.of[index]);
    if (!opened || !isSame) opened = { value: open(), of: now };
    return opened.value;
  };
}

type ProviderParts = AuthorizationServerOptions & AdmissionOptions;

function createProvider(options: ProviderParts, sessions: LoginSessions): Provider {
  const { url, protocol, clock, workloads, admit, readAddress } = options;
  const login = { ...options.login, workload: Boolean(workloads) };
  const pollIntervalSeconds = options.pollIntervalSeconds ?? POLL_INTERVAL_SECONDS;
  const provider = new Provider(
    url,
    buildConfiguration({
      ...options,
      login,
      adapter: buildGuardedAdapters({ protocol, clock, sessions, pollIntervalSeconds, admit, readAddress }),
      clientIds: [CLIENT_ID, ...(options.otherClientIds ?? [])],
      renderError: (error) => renderErrorPage({ ...error, installName: options.installName }),
    }),
  );
  const isSecure = url.startsWith('https:');
  const { installName } = options;
  const renderPage = (text: string): string =>
    renderErrorPage({ title: UNAVAILABLE.body.error, text, installName });
  provider.use(async (context, next) => {
    // Where TLS ends at a proxy the socket is plain: what counts is what people's browsers speak.
    if (isSecure) context.cookies.secure = true;
    await next();
    if (!isProviderContext(context)) return;
    const finishing = finishAnswer(context, { ...options, login, limits: login, pollIntervalSeconds });
    await finishing.catch((error: unknown) => {
      if (!answerUnavailable(context, { error, renderPage })) throw error;
    });
  });
  if (workloads)
    registerWorkloadGrant(provider, { ...options, exchange: createExchange({ ...options, ...workloads }) });
  const tell = (error: unknown, request?: IncomingMessage) => {
    if (!isClientFault(error, request)) options.onError(error);
  };
  provider.on('server_error', (context, error) => {
    if (!answerUnavailable(context, { error, renderPage })) tell(error, context.req);
  });
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

function buildGuardedAdapters(guarded: Parameters<typeof createPollGuard>[0] & AdmissionOptions) {
  const { protocol, clock } = guarded;
  const stored = { protocol, clock };
  return createAdapterFactory({
    ...stored,
    special: {
      DeviceCode: buildAdmittedAdapter(buildDeviceCodeAdapter(stored, createPollGuard(guarded)), guarded),
      Interaction: buildAdmittedAdapter(buildAdapter('Interaction', stored), guarded),
      RefreshToken: buildRefinedAdapter(buildAdapter('RefreshToken', stored), createRefreshGuard(guarded)),
      ReplayDetection: buildReplayAdapter(stored),
      // Who is logged in at the pages is the pages' business (web-sessions.ts): a second record could disagree.
      Session: buildForgetfulAdapter(),
    },
  });
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end();
}
