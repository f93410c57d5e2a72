import type { LoginDemand } from '../../core/step-up.ts';

const LONGEST_AGE_SECONDS = 31_536_000;
const STRENGTHS = /^[\x21-\x7e]{1,200}( [\x21-\x7e]{1,200}){0,9}$/;

/** The login that a refusal asks for: `acr_values` and `max_age` (RFC 9470 §3). Undefined where it does not say. */
export function readDemand(read: (name: string) => unknown): LoginDemand | undefined {
  const [strengths, age] = [read('acr_values'), read('max_age')];
  const seconds = typeof age === 'string' && /^\d{1,9}$/.test(age) ? Number(age) : age;
  const isAge =
    typeof seconds === 'number' &&
    Number.isSafeInteger(seconds) &&
    seconds >= 0 &&
    seconds <= LONGEST_AGE_SECONDS;
  const demand = {
    maxAgeSeconds: isAge ? seconds : null,
    strengths: typeof strengths === 'string' && STRENGTHS.test(strengths) ? strengths.split(' ') : [],
  };
  return demand.maxAgeSeconds === null && demand.strengths.length === 0 ? undefined : demand;
}

/** The login that is asked for, as parameters of an authorization request (OpenID Connect Core §3.1.2.1, RFC 9470 §4). */
export function encodeDemand(demand: LoginDemand | undefined): Readonly<Record<string, string>> {
  if (!demand) return {};
  const { maxAgeSeconds, strengths } = demand;
  return {
    ...(maxAgeSeconds === null ? {} : { max_age: String(maxAgeSeconds) }),
    ...(strengths.length === 0 ? {} : { acr_values: strengths.join(' ') }),
  };
}
