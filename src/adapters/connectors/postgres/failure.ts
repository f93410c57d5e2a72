import { DatabaseError } from 'pg';
import { fail, JitError } from '../../../core/errors.ts';

const CANCELED = '57014';
const LONGEST = 300;

/**
 * Any error of the driver or the server as `target_failed`. The cause keeps message and code only: the
 * server's own error quotes the statement, and with it the verifier.
 */
export function toTargetFailure(target: string, error: unknown): JitError {
  if (error instanceof JitError) return error;
  const cause = new Error(describe(error));
  return fail('target_failed', { target, why: cause.message }, cause);
}

/** Did the server refuse the password of who logged in? */
export function isPasswordWrong(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '28P01';
}

/** Did the server refuse because a limit of connections is reached: its own, the database's or the role's? */
export function isEveryConnectionTaken(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '53300';
}

function describe(error: unknown): string {
  if (error instanceof DatabaseError && error.code === CANCELED) return 'it did not finish in time';
  if (error instanceof AggregateError) return describe(error.errors[0]);
  const text = error instanceof Error && error.message !== '' ? error.message : 'an unknown error';
  return (text.split('\n')[0] ?? text).slice(0, LONGEST);
}
