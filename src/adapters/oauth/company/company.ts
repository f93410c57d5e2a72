import type { CompanyProvider } from '../../../core/config.ts';
import { fail, type JitError } from '../../../core/errors.ts';
import type { Company, CompanyLogin } from '../../../core/ports/company.ts';
import { judgeLogin, readPerson } from './judge-login.ts';
import { mapProviderError } from './map-provider-error.ts';
import { createProviderCache, type OpenProvider, type ProviderOptions } from './provider.ts';

import { renew, wrapRenewal } from './renew.ts';

export type CompanyOptions = {
  readonly provider: CompanyProvider;
  /** A login there that is older than this is not taken for one here. */
  readonly sessionSeconds: number;
} & Pick<ProviderOptions, 'clock' | 'createOutgoing'>;

type Parts = CompanyOptions & { readonly open: OpenProvider };

/** The company's OpenID provider over openid-client: the library sends, and every answer is judged again here. */
export function createCompany(options: CompanyOptions): Company {
  const parts = { ...options, open: createProviderCache({ ...options, ...options.provider }) };
  const { issuer } = options.provider;
  return {
    issuer,
    start: (login) => mapped(issuer, () => start(parts, login)),
    finish: (answer) => mapped(issuer, () => finish(parts, answer)),
    renew: (person) => renew({ open: parts.open, names: options.provider }, person),
  };
}

async function mapped<T>(issuer: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw mapProviderError(error, issuer);
  }
}

async function start(parts: Parts, login: Parameters<Company['start']>[0]): Promise<string> {
  const { client, configuration, metadata } = await parts.open();
  const { keys, demand, isOther } = login;
  // Asked for always: only then must the provider say when the person logged in (OpenID Connect Core §3.1.2.1).
  const maxAgeSeconds = Math.min(demand?.maxAgeSeconds ?? parts.sessionSeconds, parts.sessionSeconds);
  const address = client.buildAuthorizationUrl(configuration, {
    redirect_uri: login.redirectUri,
    scope: parts.provider.scopes.join(' '),
    state: keys.state,
    nonce: keys.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(keys.codeVerifier),
    code_challenge_method: 'S256',
    max_age: String(maxAgeSeconds),
    ...(demand && demand.strengths.length > 0 ? { acr_values: demand.strengths.join(' ') } : {}),
    ...(isOther ? { prompt: choosePrompt(metadata.prompt_values_supported) } : {}),
  });
  return address.href;
}

function choosePrompt(supported: unknown): string {
  return Array.isArray(supported) && supported.includes('select_account') ? 'select_account' : 'login';
}

async function finish(
  parts: Parts,
  { address, keys, demand }: Parameters<Company['finish']>[0],
): Promise<CompanyLogin> {
  const provider = await parts.open();
  const tokens = await provider.client.authorizationCodeGrant(provider.configuration, new URL(address), {
    expectedState: keys.state,
    expectedNonce: keys.nonce,
    pkceCodeVerifier: keys.codeVerifier,
    idTokenExpected: true,
  });
  const claims = await provider.verifier.verify(tokens.id_token ?? '');
  if (claims.nonce !== keys.nonce) throw refuse(parts, 'its ID token is for another login');
  const judged = judgeLogin(claims, { ...parts, issuer: parts.provider.issuer, demand });
  const principal = await readPerson({ claims, tokens, provider, names: parts.provider });
  if (principal === 'disabled') throw fail('forbidden', { why: 'this account is disabled' });
  return { ...judged, principal, renewal: wrapRenewal(tokens.refresh_token) };
}

function refuse({ provider }: CompanyOptions, why: string): JitError {
  return fail('provider_failed', { issuer: provider.issuer, why });
}
