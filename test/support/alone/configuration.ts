import type { Configuration, RichAuthorizationRequestsActiveConfiguration } from 'oidc-provider';

export type AloneSwitches = {
  readonly dpop?: boolean;
  /** Proofs need a nonce of the provider's (RFC 9449 §8). */
  readonly nonces?: boolean;
  /** Takes what is asked only by RFC 9126. */
  readonly pushes?: boolean;
  /** Takes `authorization_details`, and answers with what this makes of them. */
  readonly details?: boolean | ((details: readonly Detail[]) => readonly Detail[] | undefined);
  readonly rotates?: boolean;
  readonly revokes?: boolean;
  readonly introspects?: boolean;
  /** False: only by a browser. */
  readonly device?: boolean;
  /** The only scope that a resource gives, whatever is asked for. */
  readonly gives?: string;
  /** RFC 9068 in place of tokens that say nothing. */
  readonly jwt?: boolean;
  /** A refresh token with everything, asked for or not. */
  readonly refreshesAll?: boolean;
};

export type Detail = { readonly type: string; readonly [member: string]: unknown };

export const CLIENT = 'jit-alone';
/** Another one, which may do the same. */
export const LOGIN_CLIENT = 'jit-alone-login';
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const LIFE_SECONDS = 300;

/** A native app that is its own device: one client, without a secret. */
export function buildAloneConfiguration(switches: AloneSwitches): Configuration {
  const { dpop = false, details = false, rotates = false, revokes = true, introspects = true } = switches;
  const { device = true, refreshesAll = false, nonces = false, pushes = false } = switches;
  const features = {
    devInteractions: { enabled: true },
    deviceFlow: { enabled: device },
    revocation: { enabled: revokes, allowedPolicy: () => true },
    dPoP: {
      enabled: dpop,
      ...(nonces ? { nonceSecret: Buffer.alloc(32), requireNonce: () => true } : {}),
    },
    pushedAuthorizationRequests: { enabled: pushes, requirePushedAuthorizationRequests: pushes },
    resourceIndicators: buildResources(switches),
    ...(details === false ? {} : { richAuthorizationRequests: buildDetails(details) }),
  } as const;
  return {
    clients: [CLIENT, LOGIN_CLIENT].map((name) => ({
      client_id: name,
      application_type: 'native' as const,
      redirect_uris: ['http://127.0.0.1/callback'],
      response_types: ['code' as const],
      grant_types: ['authorization_code', 'refresh_token', ...(device ? [DEVICE_GRANT] : [])],
      token_endpoint_auth_method: 'none' as const,
      ...(details === false ? {} : { authorization_details_types: ['jit'] }),
    })),
    scopes: ['openid', 'offline_access', 'profile'],
    acrValues: ['phishing-resistant'],
    claims: { openid: ['sub'], profile: ['preferred_username'] },
    conformIdTokenClaims: false,
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => ({ sub, preferred_username: sub }),
    }),
    issueRefreshToken: (_context, _client, code) => refreshesAll || code.scopes.has('offline_access'),
    rotateRefreshToken: rotates,
    features: introspects
      ? { ...features, introspection: { enabled: true, allowedPolicy: async () => true } }
      : features,
  };
}

function buildResources({ gives, jwt = false }: AloneSwitches) {
  return {
    enabled: true as const,
    useGrantedResource: () => true,
    getResourceServerInfo: () => ({
      scope: gives ?? 'prod:db.read prod:db.write',
      accessTokenTTL: LIFE_SECONDS,
      ...(jwt
        ? { accessTokenFormat: 'jwt' as const, jwt: { sign: { alg: 'RS256' as const } } }
        : { accessTokenFormat: 'opaque' as const }),
    }),
  };
}

type Source = { readonly rar?: readonly Detail[] | undefined } | undefined;
type Asked = {
  readonly oidc: { readonly params?: { readonly authorization_details?: unknown } | undefined };
};

function buildDetails(
  details: NonNullable<AloneSwitches['details']>,
): RichAuthorizationRequestsActiveConfiguration & {
  readonly authorizationDetailsForIntrospection: () => undefined;
} {
  const answer = typeof details === 'function' ? details : (asked: readonly Detail[]) => asked;
  return {
    enabled: true as const,
    types: { jit: { validate: () => undefined } },
    authorizationDetailsForGrantSource: (context: Asked) =>
      JSON.parse(String(context.oidc.params?.authorization_details ?? '[]')),
    authorizationDetailsForAccessToken: (_: unknown, __: unknown, source: Source) => [
      ...(answer(source?.rar ?? []) ?? []),
    ],
    authorizationDetailsForIntrospection: () => undefined,
  };
}
