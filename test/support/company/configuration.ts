import type { JWK } from 'jose';
import type { Configuration } from 'oidc-provider';
import type { createAdapterFactory } from '../../../src/server/oauth/provider/adapter.ts';
import type { CompanyAccount, CompanyServerOptions, Rewrite } from './provider.ts';

export const CLIENT = { id: 'jit', secret: 'a secret: with/+% signs' };

/** What the company's provider is made of, each time it is made. */
export type State = {
  readonly issuer: string;
  readonly adapter: ReturnType<typeof createAdapterFactory>;
  readonly accounts: Map<string, CompanyAccount>;
  readonly options: CompanyServerOptions;
  readonly control: { rewrite: Rewrite };
  redirectUri: string;
  key: JWK;
};

export function buildConfiguration(state: State): Configuration {
  const { options } = state;
  return {
    adapter: state.adapter,
    jwks: { keys: [state.key] } as Configuration['jwks'],
    cookies: { keys: ['cookies of the company'], names: { session: 'company', interaction: 'company_i' } },
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [state.redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    scopes: ['openid', 'offline_access', 'profile'],
    acrValues: ['mfa'],
    claims: { openid: ['sub', 'amr'], profile: ['preferred_username', 'groups', 'active', 'human'] },
    conformIdTokenClaims: options.hasThinTokens ?? false,
    features: { devInteractions: { enabled: false }, userinfo: { enabled: true } },
    findAccount: (_context, sub) => findAccount(state, sub),
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    issueRefreshToken: () => options.givesRenewals ?? true,
    rotateRefreshToken: options.rotatesRenewals ?? false,
    pkce: { required: () => true },
    renderError: (context, { error }) => {
      context.body = error;
    },
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({
        accountId: oidc.session?.accountId ?? '',
        clientId: oidc.client?.clientId ?? '',
      });
      grant.addOIDCScope('openid profile offline_access');
      await grant.save();
      return grant;
    },
    ttl: {
      AccessToken: 300,
      AuthorizationCode: 60,
      Grant: 86_400,
      IdToken: 300,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
  };
}

function findAccount({ accounts }: State, sub: string) {
  const account = accounts.get(sub);
  if (!account) return undefined;
  const { name, groups, claims } = account;
  return {
    accountId: sub,
    claims: () => ({
      sub,
      preferred_username: name,
      ...(groups === undefined ? {} : { groups }),
      ...claims,
    }),
  };
}
