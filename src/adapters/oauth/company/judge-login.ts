import type { JWTPayload } from 'jose';
import { fail } from '../../../core/errors.ts';
import { COMPANY_CLOCK_SECONDS } from '../../../core/limits.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { CompanyLogin } from '../../../core/ports/company.ts';
import type { Principal } from '../../../core/principal.ts';
import type { LoginDemand } from '../../../core/step-up.ts';
import { SECOND_MS } from '../../../core/time.ts';
import {
  type ClaimNames,
  decodeCompanyPerson,
  decodeStrengths,
  lacksPersonClaims,
} from '../../../core/wire/company-claims.ts';
import type { Provider } from './provider.ts';

type Judging = {
  readonly issuer: string;
  readonly demand: LoginDemand | null;
  readonly sessionSeconds: number;
  readonly clock: Pick<Clock, 'now'>;
};

/**
 * When and how the person logged in. Throws `step_up_needed` for less than was demanded, and `provider_failed` for a
 * login older than was asked for, which the provider should have renewed.
 */
export function judgeLogin(
  claims: JWTPayload,
  { issuer, demand, sessionSeconds, clock }: Judging,
): Pick<CompanyLogin, 'authenticatedAt' | 'strengths'> {
  const strengths = decodeStrengths(claims);
  if (!strengths) throw fail('provider_failed', { issuer, why: 'its "acr" or "amr" is malformed' });
  const authTime = claims.auth_time ?? 0;
  if (typeof authTime !== 'number' || !Number.isFinite(authTime) || authTime < 0)
    throw fail('provider_failed', { issuer, why: 'its "auth_time" is no time' });
  const now = clock.now();
  const ageSeconds = now / SECOND_MS - authTime - COMPANY_CLOCK_SECONDS;
  const isWeak = demand?.strengths.some((strength) => !strengths.includes(strength)) ?? false;
  const isOld = demand !== null && demand.maxAgeSeconds !== null && ageSeconds > demand.maxAgeSeconds;
  if (demand && (isWeak || isOld)) throw fail('step_up_needed', { demand });
  if (authTime !== 0 && ageSeconds > sessionSeconds)
    throw fail('provider_failed', { issuer, why: 'it offered a login that is older than was asked for' });
  return { authenticatedAt: Math.min(authTime * SECOND_MS, now), strengths };
}

type Tokens = { readonly access_token: string };

/** The person in the ID token; what it lacks is asked for at userinfo, where the provider has that (§5.3). */
export async function readPerson(answer: {
  readonly claims: JWTPayload;
  readonly tokens: Tokens;
  readonly provider: Provider;
  readonly names: ClaimNames & { readonly issuer: string };
}): Promise<Principal | 'disabled'> {
  const { claims, names } = answer;
  const all = lacksPersonClaims(claims, names) ? await addUserinfo(answer) : claims;
  const decoded = decodeCompanyPerson(all, names);
  if (decoded.kind === 'person') return decoded.principal;
  if (decoded.kind === 'disabled') return 'disabled';
  throw fail('provider_failed', { issuer: names.issuer, why: decoded.why });
}

/** Signed claims win over those of userinfo; the library holds its `sub` against the token's. */
async function addUserinfo({
  claims,
  tokens,
  provider: { client, configuration, metadata },
}: Parameters<typeof readPerson>[0]): Promise<JWTPayload> {
  if (metadata.userinfo_endpoint === undefined) return claims;
  const found = await client.fetchUserInfo(configuration, tokens.access_token, String(claims.sub));
  return { ...found, ...claims };
}
