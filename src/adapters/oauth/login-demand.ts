import type { LoginDemand } from '../../core/step-up.ts';

/** The login that is asked for, as parameters of an authorization request (OpenID Connect Core §3.1.2.1, RFC 9470 §4). */
export function encodeDemand(demand: LoginDemand | undefined): Readonly<Record<string, string>> {
  if (!demand) return {};
  const { maxAgeSeconds, strengths } = demand;
  return {
    ...(maxAgeSeconds === null ? {} : { max_age: String(maxAgeSeconds) }),
    ...(strengths.length === 0 ? {} : { acr_values: strengths.join(' ') }),
  };
}
