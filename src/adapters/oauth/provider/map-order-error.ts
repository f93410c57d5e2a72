import { fail, hasCode, type JitError } from '../../../core/errors.ts';
import type { LoginDemand } from '../../../core/step-up.ts';
import { judgeError, type Refusal } from '../judge-error.ts';
import { mapTrouble } from '../map-error.ts';

/** Another login is wanted than there is: RFC 9470 §3, OpenID Connect Core §3.1.2.6 and Unmet Authentication Requirements. */
const CHALLENGES: readonly string[] = [
  'insufficient_user_authentication',
  'interaction_required',
  'login_required',
  'unmet_authentication_requirements',
];

/** Somebody, or a rule of the provider's, said no. Everything else is a fault of the settings. */
const SAYS_NO: readonly string[] = [
  'access_denied',
  'consent_required',
  'invalid_scope',
  'invalid_target',
  'invalid_authorization_details',
];

export type Ordering = { readonly issuer: string; readonly scopes: readonly string[] };

/** Nothing named: only another login than there is. */
const ANY: LoginDemand = { maxAgeSeconds: null, strengths: [] };

/** Why a scope was not given. `step_up_needed` is the provider's challenge, with what it demands. */
export function mapOrderError(error: unknown, ordering: Ordering): JitError {
  const trouble = judgeError(error);
  if (trouble.kind === 'refused') return mapOrderRefusal(trouble, ordering);
  const known = mapTrouble(trouble, ordering.issuer);
  if (!hasCode(known, 'login_expired')) return known;
  return fail('lapsed', { id: ordering.scopes.join(' '), why: 'nobody confirmed it in time' });
}

/** As `mapOrderError`, for what came in an address. */
export function mapOrderRefusal(refusal: Refusal, { issuer, scopes }: Ordering): JitError {
  const { error, description, demand = ANY } = refusal;
  const id = scopes.join(' ');
  if (CHALLENGES.includes(error)) return fail('step_up_needed', { demand });
  if (error === 'expired_token') return fail('lapsed', { id, why: 'nobody confirmed it in time' });
  if (SAYS_NO.includes(error)) return describeDenial({ issuer, scopes }, refusal);
  const detail = description === '' ? '' : `: ${description}`;
  return fail('failed', { why: `${issuer} refused ${id} (${error || 'no reason given'}${detail})` });
}

/** A no, as far as the provider says why. */
export function describeDenial({ issuer, scopes }: Ordering, { error, description }: Refusal): JitError {
  const detail = description === '' ? '' : `, ${description}`;
  return fail('denied', {
    id: scopes.join(' '),
    why: `${issuer} says no (${error}${detail})`,
    next: 'ask whoever runs the provider who may have this',
  });
}
