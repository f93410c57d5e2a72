import { LONGEST_STRENGTH_CHARACTERS, MOST_STRENGTHS } from '../../../core/limits.ts';
import type { Login } from '../../../core/principal.ts';
import { findLoginDemand, type LoginDemand } from '../../../core/step-up.ts';
import type { Instant } from '../../../core/time.ts';

const SECONDS = /^\d{1,9}$/;

/**
 * `max_age` and `acr_values` as they stand in a request (OpenID Connect Core §3.1.2.1), or null where neither asks for
 * anything. What cannot be read asks for the most: a login of this moment.
 */
export function readLoginDemand(params: {
  readonly max_age?: unknown;
  readonly acr_values?: unknown;
}): LoginDemand | null {
  const maxAgeSeconds = readSeconds(params.max_age);
  const strengths = typeof params.acr_values === 'string' ? params.acr_values.split(' ').filter(Boolean) : [];
  if (maxAgeSeconds === null && strengths.length === 0) return null;
  return {
    maxAgeSeconds,
    strengths: strengths
      .slice(0, MOST_STRENGTHS)
      .map((strength) => strength.slice(0, LONGEST_STRENGTH_CHARACTERS)),
  };
}

function readSeconds(value: unknown): number | null {
  if (value === undefined || value === null || value === '') return null;
  const text = String(value);
  return SECONDS.test(text) ? Number(text) : 0;
}

/** The demand as it is sent on. */
export function writeLoginDemand({
  maxAgeSeconds,
  strengths,
}: LoginDemand): Readonly<Record<string, string>> {
  return {
    ...(maxAgeSeconds === null ? {} : { max_age: String(maxAgeSeconds) }),
    ...(strengths.length === 0 ? {} : { acr_values: strengths.join(' ') }),
  };
}

/** Is this login what is asked for? */
export function satisfiesDemand(
  login: Pick<Login, 'at' | 'strengths'>,
  demand: LoginDemand | null,
  now: Instant,
): boolean {
  if (!demand) return true;
  const { maxAgeSeconds: loginWithinSeconds, strengths: loginStrengths } = demand;
  return (
    findLoginDemand({ ...login, method: 'browser' }, { loginWithinSeconds, loginStrengths }, now) ===
    undefined
  );
}
