import { fail } from '../../core/errors.ts';

/** What is left of the scopes that were asked for; null for all of them. Nothing can be added, and something must stay. */
export function keepScopes(
  asked: readonly string[],
  { without = [], only = [] }: { readonly without?: readonly string[]; readonly only?: readonly string[] },
): readonly string[] | null {
  if (without.length === 0 && only.length === 0) return null;
  if (without.length > 0 && only.length > 0)
    throw fail('usage', { why: '--without and --only say the same in two ways: leave one out' });
  const stranger = [...without, ...only].find((scope) => !asked.includes(scope));
  if (stranger !== undefined)
    throw fail('cannot_widen', { why: `${stranger} was not asked for, only ${asked.join(' ')}` });
  const kept = asked.filter((scope) => (only.length > 0 ? only.includes(scope) : !without.includes(scope)));
  if (kept.length === 0) throw fail('cannot_widen', { why: 'nothing would be left of it; jit deny says no' });
  return kept;
}
