import { fail, JitError } from '../../../core/errors.ts';

const LONGEST = 300;

/** What the server answers with, when it refuses: its number, which the manual explains. */
export function readErrorNumber(error: unknown): number | undefined {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number'
    ? error.errno
    : undefined;
}

/**
 * Any error of the driver or the server as `target_failed`. The cause keeps the message only: the driver's own error
 * quotes the statement, and with it the hash of the password.
 */
export function toTargetFailure(target: string, error: unknown): JitError {
  if (error instanceof JitError) return error;
  const cause = new Error(describe(error));
  return fail('target_failed', { target, why: cause.message }, cause);
}

function describe(error: unknown): string {
  if (error instanceof AggregateError) return describe(error.errors[0]);
  const text = error instanceof Error && error.message !== '' ? error.message : 'an unknown error';
  return (text.split('\n')[0] ?? text).slice(0, LONGEST);
}
