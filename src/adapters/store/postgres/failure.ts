import { DatabaseError } from 'pg';
import { fail, JitError } from '../../../core/errors.ts';

/**
 * What the server says where it is there and cannot serve now: it starts, stops, has no connection left, is a copy
 * that only reads, or did not come to it in time.
 */
const AWAY: readonly (string | undefined)[] = ['57P01', '57P02', '57P03', '53300', '25006', '57014', '55P03'];
/** The one statement took longer than it may. */
const TOO_LATE = '57014';
/** What a connection has prepared does not fit any more: a table has another column since. */
const STALE_PLAN = '0A000';
/** Nothing of it was done, and it may be done again: after a deadlock for one. */
const AGAIN: readonly (string | undefined)[] = ['40P01', '40001', STALE_PLAN];
const LONGEST = 200;

/** Is the connection still good for other statements? Only the server's own word about one statement says so. */
export function isConnectionGood(error: unknown): boolean {
  return error instanceof DatabaseError && !isAway(error);
}

export function isPlanStale(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === STALE_PLAN;
}

/** Was this one statement given up because it took too long? It says nothing about the others. */
export function isTooLate(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === TOO_LATE;
}

/** Can the same be tried once more, because the server undid all of it? */
export function isWorthAnother(error: unknown): boolean {
  return error instanceof DatabaseError && AGAIN.includes(error.code);
}

/** Any error of the driver as `store_unreachable`; the server's word on a statement stays as it is. */
export function toStoreFailure(error: unknown): unknown {
  if (error instanceof JitError) return error;
  if (error instanceof DatabaseError && !isAway(error)) return error;
  return toUnreachable(error);
}

/** Of connecting: whatever the reason, a refused login too. */
export function toUnreachable(error: unknown): JitError {
  return fail('store_unreachable', { why: describe(error) }, new Error(describe(error)));
}

/** Class 08 is of the connection. */
function isAway({ code }: DatabaseError): boolean {
  return AWAY.includes(code) || code?.startsWith('08') === true;
}

function describe(error: unknown): string {
  if (error instanceof AggregateError) return describe(error.errors[0]);
  const text = error instanceof Error && error.message !== '' ? error.message : 'an unknown error';
  return (text.split('\n')[0] ?? text).slice(0, LONGEST);
}
