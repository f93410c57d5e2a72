import type { Rule } from './rule.ts';

/**
 * The attributes of `context` that the rules look at; undefined where a rule uses `context` as a whole. Reading the
 * context is more than half of a decision's time, and what no rule looks at can make no difference.
 */
export function listContextNames(rules: readonly Rule[]): ReadonlySet<string> | undefined {
  const found = new Set<string>();
  return rules.every((rule) => collect(rule.json.conditions, found)) ? found : undefined;
}

function collect(value: unknown, found: Set<string>): boolean {
  if (value === null || typeof value !== 'object') return true;
  if (isContext(value)) return false;
  const access = Object.entries(value).find(([operator]) => operator === '.' || operator === 'has')?.[1];
  if (isAccess(access) && isContext(access.left)) {
    found.add(access.attr);
    return true;
  }
  return Object.values(value).every((item) => collect(item, found));
}

function isContext(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'Var' in value && value.Var === 'context';
}

function isAccess(value: unknown): value is { readonly left: unknown; readonly attr: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'left' in value &&
    'attr' in value &&
    typeof value.attr === 'string'
  );
}
