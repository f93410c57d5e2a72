import { fail, type JitError } from '../../core/errors.ts';
import { judgeError, type Trouble } from './judge-error.ts';

type Refused = Extract<Trouble, { readonly kind: 'refused' }>;

/** The error that ends a device login: `login_denied` (3), `login_expired` (4), `unreachable` (8) or what was said (DEV-07). */
export function mapLoginError(error: unknown, server: string): JitError {
  const trouble = judgeError(error);
  if (trouble.kind !== 'refused') return mapTrouble(trouble, server);
  if (trouble.error === 'access_denied') return fail('login_denied', {});
  if (trouble.error === 'expired_token') return fail('login_expired', {});
  return mapRefusal(trouble, 'the login');
}

/** The error of a refresh or of a revocation. Only `invalid_grant` means that the session is over for good. */
export function mapSessionError(error: unknown, server: string): JitError {
  const trouble = judgeError(error);
  if (trouble.kind !== 'refused') return mapTrouble(trouble, server);
  if (trouble.error === 'invalid_grant') return fail('session_expired', { server });
  return mapRefusal(trouble, 'the session');
}

/** The library's own error is not kept as a cause: it holds the whole answer, and there may be a token in it. */
export function mapTrouble(trouble: Exclude<Trouble, Refused>, address: string): JitError {
  if (trouble.kind === 'known') return trouble.known;
  if (trouble.kind === 'nonsense') return fail('bad_answer', { address, why: trouble.why });
  return trouble.known ?? fail('unreachable', { address, why: trouble.why });
}

function mapRefusal(trouble: Refused, what: string): JitError {
  const detail = trouble.description === '' ? '' : `: ${trouble.description}`;
  const why = `the server refused ${what} (${trouble.error || 'no reason given'}${detail})`;
  return fail('failed', { why });
}
