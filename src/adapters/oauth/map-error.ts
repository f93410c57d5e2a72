import { fail, type JitError } from '../../core/errors.ts';
import { judgeError, type Trouble } from './judge-error.ts';

type Refused = Extract<Trouble, { readonly kind: 'refused' }>;

/** The error that ends a device login: `login_denied` (3), `login_expired` (4), `unreachable` (8) or what was said (DEV-07). */
export function mapLoginError(error: unknown, server: string): JitError {
  const trouble = judgeError(error);
  if (trouble.kind !== 'refused') return mapTrouble(trouble, { server, cause: error });
  if (trouble.error === 'access_denied') return fail('login_denied', {}, error);
  if (trouble.error === 'expired_token') return fail('login_expired', {}, error);
  return mapRefusal(trouble, { what: 'the login', cause: error });
}

/** The error of a refresh or of a revocation. Only `invalid_grant` means that the session is over for good. */
export function mapSessionError(error: unknown, server: string): JitError {
  const trouble = judgeError(error);
  if (trouble.kind !== 'refused') return mapTrouble(trouble, { server, cause: error });
  if (trouble.error === 'invalid_grant') return fail('session_expired', { server }, error);
  return mapRefusal(trouble, { what: 'the session', cause: error });
}

function mapTrouble(
  trouble: Exclude<Trouble, Refused>,
  context: { readonly server: string; readonly cause: unknown },
): JitError {
  const { server: address, cause } = context;
  if (trouble.kind === 'known') return trouble.known;
  if (trouble.kind === 'nonsense') return fail('bad_answer', { address, why: trouble.why }, cause);
  return trouble.known ?? fail('unreachable', { address, why: trouble.why }, cause);
}

function mapRefusal(trouble: Refused, context: { readonly what: string; readonly cause: unknown }): JitError {
  const detail = trouble.description === '' ? '' : `: ${trouble.description}`;
  const why = `the server refused ${context.what} (${trouble.error || 'no reason given'}${detail})`;
  return fail('failed', { why }, context.cause);
}
