import type { AuthorizationAnswer } from '@cedar-policy/cedar-wasm/nodejs';
import { buildCall, placePrincipal, placeScope } from './cedar-call.ts';
import { matchesHead } from './head.ts';
import type { PolicyInput } from './input.ts';
import type { Cedar } from './library.ts';
import { buildPlan, type RuleSet } from './plan.ts';
import { listEntityNames, type Rule } from './rule.ts';
import type { Action } from './schema.ts';
import { warmUp } from './warm-up.ts';

/**
 * What the rules say of one action. `rules` determined it: the permits, or the forbids, or nothing at all where no
 * permit held or was meant for this principal. `broken` is never a yes, whatever else matched (S15); `rules` are then
 * those that failed.
 */
export type Evaluation =
  | { readonly kind: 'allowed' | 'refused'; readonly rules: readonly Rule[] }
  | { readonly kind: 'broken'; readonly rules: readonly Rule[]; readonly why: string };

export type Evaluator = {
  readonly evaluate: (action: Action, input: PolicyInput) => Evaluation;
};

/** Parses the rules once. A Cedar that crashes is replaced before the next evaluation; until then nothing is granted. */
export function createEvaluator(options: {
  readonly rules: readonly Rule[];
  readonly scopes: readonly string[];
  readonly load: () => Cedar;
  readonly cedar: Cedar;
  /** See `buildPlan`. */
  readonly limit?: number;
}): Evaluator {
  const { rules, scopes, load } = options;
  const plan = buildPlan(rules, scopes, options.limit);
  const groups = new Set(
    rules
      .flatMap((rule) => listEntityNames(rule.json))
      .filter((name) => name.type === 'Group')
      .map((name) => name.id),
  );
  let ready: Cedar | undefined = prepare(options.cedar, plan.sets);

  const ask = (set: RuleSet, action: Action, input: PolicyInput): Evaluation => {
    try {
      ready ??= prepare(load(), plan.sets);
      const call = {
        ...buildCall(action, input, { groups, contextNames: set.contextNames }),
        preparsedPolicySetId: set.name,
      };
      return judge(ready.statefulIsAuthorized(call), set.rules);
    } catch (error) {
      ready = undefined;
      return { kind: 'broken', rules: [], why: `the policy engine failed (${String(error)})` };
    }
  };

  return {
    evaluate(action, input) {
      const set = plan.find(action, input.scope.name);
      if (!set) return { kind: 'broken', rules: [], why: `the catalogue has no scope ${input.scope.name}` };
      if (!mayPermit(set, input)) return { kind: 'refused', rules: [] };
      return ask(set, action, input);
    },
  };
}

// Where no permit is meant for this person and scope, forbids have nothing to forbid: the answer is no without Cedar.
function mayPermit(set: RuleSet, input: PolicyInput): boolean {
  const who = placePrincipal(input.principal);
  const what = placeScope(input.scope);
  return set.rules.some(
    ({ json }) =>
      json.effect === 'permit' && matchesHead(json.principal, who) && matchesHead(json.resource, what),
  );
}

function prepare(cedar: Cedar, sets: readonly RuleSet[]): Cedar {
  for (const { name, rules } of sets) {
    const staticPolicies = Object.fromEntries(rules.map((rule) => [rule.id, rule.text]));
    const answer = cedar.preparsePolicySet(name, { staticPolicies });
    if (answer.type === 'failure') throw new Error(answer.errors[0]?.message ?? 'the rules cannot be parsed');
  }
  warmUp(cedar, sets);
  return cedar;
}

function judge(answer: AuthorizationAnswer, rules: readonly Rule[]): Evaluation {
  if (answer.type === 'failure') {
    return {
      kind: 'broken',
      rules: [],
      why: answer.errors[0]?.message ?? 'the policy engine gave no answer',
    };
  }
  const { decision, diagnostics } = answer.response;
  const pick = (ids: readonly string[]) => rules.filter((rule) => ids.includes(rule.id));
  const [error] = diagnostics.errors;
  if (error) {
    const failed = diagnostics.errors.map((item) => item.policyId);
    return { kind: 'broken', rules: pick(failed), why: error.error.message };
  }
  return { kind: decision === 'allow' ? 'allowed' : 'refused', rules: pick(diagnostics.reason) };
}
