import { fail, hasCode, type JitError } from '../../../core/errors.ts';
import { judgeError } from '../judge-error.ts';

/** The library's own error is not kept as a cause: it holds the whole answer, and there may be a token in it. */
export function mapProviderError(error: unknown, issuer: string): JitError {
  if (hasCode(error, 'provider_failed', 'login_denied', 'step_up_needed', 'forbidden')) return error;
  const denied = readAuthorizationError(error);
  if (denied === 'access_denied') return fail('login_denied', {});
  if (denied !== undefined)
    return fail('provider_failed', { issuer, why: `it refused the login (${denied})` });
  const trouble = judgeError(error);
  if (trouble.kind === 'refused') {
    return fail('provider_failed', { issuer, why: `it refused jit itself (${trouble.error})` });
  }
  if (trouble.kind === 'known') return fail('provider_failed', { issuer, why: trouble.known.message });
  if (trouble.kind === 'away') {
    return fail('provider_failed', { issuer, why: trouble.known?.message ?? trouble.why });
  }
  return fail('provider_failed', { issuer, why: trouble.why });
}

const ERROR_CODE = /^[a-z_]{1,40}$/;

/** The error in an authorization response (RFC 6749 §4.1.2.1). */
function readAuthorizationError(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  if (error.code !== 'OAUTH_AUTHORIZATION_RESPONSE_ERROR' || !('error' in error)) return undefined;
  const code = String(error.error);
  return ERROR_CODE.test(code) ? code : 'no known reason';
}
