import type { ClientMetadata } from 'oidc-provider';

/** jit's own client. It has no secret: what protects its tokens is DPoP. */
export const CLIENT_ID = 'jit-cli';
export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
/** RFC 7523 §2.1. */
export const WORKLOAD_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
export const SESSION_SCOPES = ['openid', 'offline_access'] as const;

/** Which ways of logging in the configuration allows (OAU-07). */
export type LoginMethods = {
  readonly device: boolean;
  readonly browser: boolean;
  /** True where the configuration has workloads. */
  readonly workload?: boolean;
};

/** What the provider's cookies are called, without the prefix that they have on https. */
export const COOKIES = { session: 'jit_sso', interaction: 'jit_interaction', resume: 'jit_resume' } as const;

export function listGrantTypes(methods: LoginMethods): string[] {
  return [
    ...(methods.device ? [DEVICE_GRANT] : []),
    ...(methods.browser ? ['authorization_code'] : []),
    ...(methods.workload ? [WORKLOAD_GRANT] : []),
    'refresh_token',
  ];
}

/** A public native client. Its redirect addresses are loopback ones, compared without the port (RFC 8252 §7.3, OAU-02). */
export function buildClient(clientId: string, methods: LoginMethods): ClientMetadata {
  return {
    client_id: clientId,
    client_name: 'jit',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: listGrantTypes(methods),
    response_types: methods.browser ? ['code'] : [],
    redirect_uris: methods.browser ? ['http://127.0.0.1/callback', 'http://[::1]/callback'] : [],
    scope: SESSION_SCOPES.join(' '),
    dpop_bound_access_tokens: true,
    id_token_signed_response_alg: 'ES256',
  };
}
