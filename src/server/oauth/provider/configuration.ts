import type { IncomingMessage } from 'node:http';
import { type AdapterFactory, type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { TOKEN_ALGORITHMS } from '../../../core/catalogue.ts';
import { LONGEST_CLAIM_CHARACTERS } from '../../../core/limits.ts';
import type { Secret } from '../../../core/secret.ts';
import { buildClient, COOKIES, type LoginMethods, SESSION_SCOPES } from '../client.ts';
import { INTERACTION_PATH } from '../login/browser-login.ts';
import type { Identity } from '../login/identity.ts';
import type { SigningKeys } from '../tokens/keys.ts';
import { PROOF_ALGORITHMS } from '../tokens/proof.ts';
import { deriveKey } from '../tokens/sealed-text.ts';
import { buildLifetimes } from './lifetimes.ts';
import type { SessionLimits } from './token-hooks.ts';

export type ProviderOptions = {
  readonly url: string;
  readonly adapter: AdapterFactory;
  readonly keys: SigningKeys;
  readonly cookieSecrets: () => readonly Secret[];
  readonly identity: Identity;
  readonly login: LoginMethods & SessionLimits;
  readonly clientIds: readonly string[];
  readonly readAddress: (request: IncomingMessage) => string;
  readonly renderError: (error: { readonly title: string; readonly text: string }) => string;
};

/** Paths that the provider answers. `/device` is only named: the page there is jit's own. */
export const ROUTES = {
  authorization: '/oauth/auth',
  token: '/oauth/token',
  jwks: '/oauth/jwks',
  device_authorization: '/oauth/device',
  code_verification: '/device',
  end_session: '/oauth/session',
} as const;

/** Everything that oidc-provider is told. Nothing is left to a default that warns, or that serves a page of its own. */
export function buildConfiguration(options: ProviderOptions): Configuration {
  return {
    adapter: options.adapter,
    clients: options.clientIds.map((clientId) => buildClient(clientId, options.login)),
    clientAuthMethods: ['none'],
    clientBasedCORS: () => false,
    clockTolerance: 0,
    cookies: buildCookies(options),
    discovery: buildDiscovery(options.url),
    expiresWithSession: () => false,
    enabledJWA: {
      idTokenSigningAlgValues: TOKEN_ALGORITHMS.filter((algorithm) => options.keys.findSigner(algorithm)),
      dPoPSigningAlgValues: [...PROOF_ALGORITHMS],
    },
    extraParams: { jit_program: requireShort, jit_host: requireShort, jit_purpose: requireShort },
    extraTokenClaims: describeLogin,
    features: buildFeatures(options),
    findAccount: (_context, subject) => findAccount(options.identity, subject),
    interactions: { url: (_context, interaction) => `${INTERACTION_PATH}/${interaction.uid}` },
    issueRefreshToken: () => true,
    jwks: { keys: options.keys.revealJwks().keys.map((key) => ({ ...key })) } as Configuration['jwks'],
    pkce: { required: () => true },
    renderError: (context, out) => {
      context.type = 'html';
      context.body = options.renderError({ title: out.error, text: out.error_description ?? '' });
    },
    responseTypes: options.login.browser ? ['code'] : ['none'],
    rotateRefreshToken: false,
    routes: ROUTES,
    scopes: SESSION_SCOPES,
    ttl: buildLifetimes(options.login),
  };
}

function buildFeatures({ login, readAddress }: ProviderOptions): Configuration['features'] {
  return {
    devInteractions: { enabled: false },
    deviceFlow: {
      enabled: login.device,
      charset: 'base-20',
      mask: '****-****',
      deviceInfo: (context) => ({ address: readAddress(context.req) }),
    },
    dPoP: { enabled: true, requireNonce: () => false },
    pushedAuthorizationRequests: { enabled: false },
    resourceIndicators: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    userinfo: { enabled: false },
  };
}

function buildCookies({ url, cookieSecrets }: ProviderOptions): Configuration['cookies'] {
  const secure = url.startsWith('https:');
  const name = (plain: string) => (secure ? `__Secure-${plain}` : plain);
  const options = { httpOnly: true, sameSite: 'lax', secure } as const;
  return {
    keys: cookieSecrets().map((secret) => deriveKey(secret, 'cookies of the provider').toString('base64url')),
    names: {
      session: name(COOKIES.session),
      interaction: name(COOKIES.interaction),
      resume: name(COOKIES.resume),
    },
    long: options,
    short: options,
  };
}

/** Introspection and revocation are jit's own; the provider only has to name them. */
function buildDiscovery(url: string): Record<string, unknown> {
  return {
    introspection_endpoint: new URL('/oauth/introspect', url).href,
    introspection_endpoint_auth_methods_supported: ['client_secret_basic'],
    revocation_endpoint: new URL('/oauth/revoke', url).href,
    revocation_endpoint_auth_methods_supported: ['none'],
  };
}

/**
 * `jit_program`, `jit_host` and `jit_purpose` are jit's own parameters of the device authorization request: what the
 * client says of itself. They are kept with the code and shown to the person who decides (DEV-12): short, or refused.
 */
function requireShort(_context: KoaContextWithOIDC, value: string | undefined): void {
  if (value === undefined || value.length <= LONGEST_CLAIM_CHARACTERS) return;
  throw new errors.InvalidRequest(
    `the jit_ parameters are limited to ${LONGEST_CLAIM_CHARACTERS} characters`,
  );
}

/** When the person proved who they are, and with what: every access token says it, because policy looks at it. */
function describeLogin(context: KoaContextWithOIDC): {
  readonly auth_time?: number;
  readonly amr?: readonly string[];
} {
  const { DeviceCode, AuthorizationCode, RefreshToken } = context.oidc.entities;
  const source = DeviceCode ?? AuthorizationCode ?? RefreshToken;
  return {
    ...(source?.authTime === undefined ? {} : { auth_time: source.authTime }),
    ...(source?.amr === undefined ? {} : { amr: source.amr }),
  };
}

async function findAccount(identity: Identity, subject: string) {
  const person = await identity.find(subject);
  return person && { accountId: person.subject, claims: () => ({ sub: person.subject }) };
}
