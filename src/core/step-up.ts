import type { Obligations } from './decision.ts';
import type { Login } from './principal.ts';
import { type Instant, SECOND_MS } from './time.ts';

/** What a login must be before policy lets it do this (RFC 9470). */
export type LoginDemand = {
  readonly maxAgeSeconds: number | null;
  readonly strengths: readonly string[];
};

/** The login that is asked for; undefined where the one there is will do. */
export function findLoginDemand(
  login: Login,
  obligations: Pick<Obligations, 'loginWithinSeconds' | 'loginStrengths'>,
  now: Instant,
): LoginDemand | undefined {
  const { loginWithinSeconds, loginStrengths } = obligations;
  const isRecent = loginWithinSeconds === null || now - login.at <= loginWithinSeconds * SECOND_MS;
  const isStrong = loginStrengths.every((strength) => login.strengths.includes(strength));
  if (isRecent && isStrong) return undefined;
  return { maxAgeSeconds: loginWithinSeconds, strengths: loginStrengths };
}
