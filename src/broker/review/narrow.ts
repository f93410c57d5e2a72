import { formatDuration } from '../../core/duration-text.ts';
import { fail } from '../../core/errors.ts';
import type { AccessRequest, Breadth } from '../../core/request.ts';

export type Narrowing = {
  /** What is left of the scopes; null: all of them. */
  readonly scopes: readonly string[] | null;
  readonly durationSeconds: number | null;
};

/** What an approver lets through: never more than is asked (APR-05). Throws `cannot_widen`. */
export function narrow(request: AccessRequest, wanted: Narrowing): Breadth {
  const scopes = [...new Set(wanted.scopes ?? request.scopes)].sort();
  const durationSeconds = wanted.durationSeconds ?? request.durationSeconds;
  const extra = scopes.find((scope) => !request.scopes.includes(scope));
  if (extra !== undefined) throw fail('cannot_widen', { why: `${extra} was not asked for` });
  if (scopes.length === 0) throw fail('cannot_widen', { why: 'nothing would be left of it' });
  if (request.extendsGrantId !== null && scopes.length < request.scopes.length)
    throw fail('cannot_widen', { why: 'more time on a grant is for all of its scopes' });
  if (!Number.isSafeInteger(durationSeconds) || durationSeconds < 1)
    throw fail('cannot_widen', { why: 'no time would be left of it' });
  if (durationSeconds > request.durationSeconds)
    throw fail('cannot_widen', {
      why: `${formatDuration(durationSeconds)} is more than the ${formatDuration(request.durationSeconds)} that were asked for`,
    });
  return { scopes, durationSeconds };
}
