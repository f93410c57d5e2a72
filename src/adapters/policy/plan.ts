import { placeScope } from './cedar-call.ts';
import { listContextNames } from './context-names.ts';
import { environmentOf } from './environment.ts';
import { listActions, matchesHead } from './head.ts';
import type { Rule } from './rule.ts';
import { ACTIONS, type Action } from './schema.ts';

/** Rules that are parsed together under one name, once, and evaluated together. One without rules is not parsed. */
export type RuleSet = {
  readonly name: string;
  readonly rules: readonly Rule[];
  /** See `listContextNames`. */
  readonly contextNames: ReadonlySet<string> | undefined;
};

/**
 * Which set answers for an action on a scope: undefined for a scope that the plan does not know. Only `revoke` is answered
 * for those too, by all its rules: what left the catalogue must still be taken away by whoever may (S15).
 */
export type Plan = {
  readonly sets: readonly RuleSet[];
  readonly find: (action: Action, scope: string) => RuleSet | undefined;
};

/** Parsing costs 0.1 ms a rule: beyond this many, further scopes share one set per action. */
const PARSED_RULES_LIMIT = 5000;

/**
 * For every action on every scope the rules whose heads let both through. Scopes with the same rules share a set.
 * A set may hold more rules than needed, never fewer, so evaluating it gives what evaluating all rules would.
 */
export function buildPlan(
  rules: readonly Rule[],
  scopes: readonly string[],
  limit: number = PARSED_RULES_LIMIT,
): Plan {
  const sets = new Map<string, RuleSet>();
  const found = new Map<string, RuleSet>();
  let parsed = 0;
  const share = (chosen: readonly Rule[]): RuleSet => {
    const key = chosen.map((rule) => rule.id).join(' ');
    const known = sets.get(key);
    if (known) return known;
    const set = {
      name: `set-${sets.size}`,
      rules: chosen,
      contextNames: listContextNames(chosen),
    };
    parsed += chosen.length;
    sets.set(key, set);
    return set;
  };
  for (const action of ACTIONS) {
    const forAction = rules.filter((rule) => listActions(rule.json).includes(action));
    for (const scope of scopes) {
      const placed = placeScope({ name: scope, environment: environmentOf(scope) });
      const exact = forAction.filter((rule) => matchesHead(rule.json.resource, placed));
      found.set(`${action} ${scope}`, share(parsed + exact.length > limit ? forAction : exact));
    }
  }
  const revoking = share(rules.filter((rule) => listActions(rule.json).includes('revoke')));
  return {
    sets: [...sets.values()].filter((set) => set.rules.length > 0),
    find: (action, scope) => found.get(`${action} ${scope}`) ?? (action === 'revoke' ? revoking : undefined),
  };
}
