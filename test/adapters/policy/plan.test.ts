import { describe, expect, it } from 'vitest';
import { buildCall } from '../../../src/adapters/policy/cedar-call.ts';
import { createEvaluator, type Evaluation } from '../../../src/adapters/policy/evaluator.ts';
import { buildInput } from '../../../src/adapters/policy/input.ts';
import { loadCedar } from '../../../src/adapters/policy/library.ts';
import { loadRules } from '../../../src/adapters/policy/load-rules.ts';
import { buildPlan } from '../../../src/adapters/policy/plan.ts';
import { ACTIONS } from '../../../src/adapters/policy/schema.ts';
import { API, ask, READ, WRITE } from './questions.ts';

const cedar = loadCedar();
const SCOPES = [READ, WRITE, API];
const GROUPS = ['engineers', 'dba', 'on-call'];

/** Numbers that look random and are the same on every run (a linear congruential generator). */
function createPicker(seed: number): <T>(items: readonly T[]) => T {
  let state = seed;
  return (items) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    const item = items[Math.floor((state / 2_147_483_648) * items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  };
}

type RandomRule = {
  readonly id: string;
  readonly effect: string;
  readonly head: string;
  readonly condition: string;
};

function buildRule(index: number, pick: ReturnType<typeof createPicker>): RandomRule {
  const group = pick(GROUPS);
  const [one, other] = [pick(ACTIONS.filter((name) => name !== 'approve')), pick(ACTIONS)];
  const principal = pick([
    '',
    ` in Group::"${group}"`,
    ` is Person in Group::"${group}"`,
    ' is Person',
    ' == Person::"sub-1"',
    ' == Person::"sub-2"',
  ]);
  const action = pick([
    '',
    ` == Action::"${one}"`,
    ` in [Action::"${one}", Action::"${other}"]`,
    ` in Action::"${one}"`,
  ]);
  const resource = pick([
    '',
    ` == Scope::"${pick(SCOPES).name}"`,
    ' in Environment::"prod"',
    ` in Scope::"${pick(SCOPES).name}"`,
    ' is Scope',
    ' is Scope in Environment::"prod"',
  ]);
  const condition = pick([
    '',
    'when { context.duration_seconds <= 600 }',
    'when { principal.kind == "person" }',
    'when { context.duration_seconds * 9000000000000000 > 0 }',
    `unless { principal in Group::"${pick(GROUPS)}" }`,
    'when { resource.sensitivity == "high" }',
    'when { context.local.weekday == 3 && context.now > datetime("2026-01-01") }',
    'unless { context has ticket.known || context.ip.isLoopback() }',
  ]);
  const effect = pick(['permit', 'permit', 'permit', 'forbid']);
  const head = `(principal${principal}, action${action}, resource${resource})`;
  return { id: `r${index}`, effect, head, condition };
}

/** What Cedar says with every rule; where no permit is meant for the principal, that and nothing about forbids. */
function evaluateAll(
  drawn: readonly RandomRule[],
  call: ReturnType<typeof buildCall>,
): { readonly kind: Evaluation['kind']; readonly rules: readonly string[] } {
  const heads = drawn
    .filter((rule) => rule.effect === 'permit')
    .map(({ id, head }) => [id, `permit ${head};`]);
  const meant = authorize(call, Object.fromEntries(heads));
  if (meant.decision === 'deny') return { kind: 'refused', rules: [] };
  const all = drawn.map(({ id, effect, head, condition }) => [id, `${effect} ${head} ${condition};`]);
  const { decision, diagnostics } = authorize(call, Object.fromEntries(all));
  const failed = diagnostics.errors.map((error) => error.policyId).sort();
  if (failed.length > 0) return { kind: 'broken', rules: failed };
  return { kind: decision === 'allow' ? 'allowed' : 'refused', rules: diagnostics.reason.toSorted() };
}

function authorize(call: ReturnType<typeof buildCall>, staticPolicies: Readonly<Record<string, string>>) {
  const answer = cedar.isAuthorized({ ...call, policies: { staticPolicies } });
  if (answer.type === 'failure') throw new Error(answer.errors[0]?.message);
  return answer.response;
}

describe('choosing candidate rules by their heads', () => {
  it.each([5000, 0])(
    'answers as evaluating every rule does, on 600 random cases (parsing at most %i rules)',
    (limit) => {
      const pick = createPicker(20_261_121);
      const seen = { allowed: 0, refused: 0, broken: 0 };
      for (let round = 0; round < 20; round += 1) {
        const drawn = Array.from({ length: 12 }, (_, index) => buildRule(index, pick));
        const texts = drawn.map((rule) => `@id("${rule.id}") ${rule.effect} ${rule.head} ${rule.condition};`);
        const rules = loadRules(cedar, [{ name: 'random.cedar', text: texts.join('\n') }]);
        const evaluator = createEvaluator({
          limit,
          rules,
          scopes: SCOPES.map((scope) => scope.name),
          load: loadCedar,
          cedar,
        });
        for (let question = 0; question < 30; question += 1) {
          const action = pick(ACTIONS);
          const input = buildInput(
            ask({
              scope: pick(SCOPES),
              groups: pick([[], ['engineers'], ['dba', 'engineers'], ['on-call'], ['nobody']]),
              kind: pick(['person', 'person', 'workload'] as const),
              circumstances: { durationSeconds: pick([300, 600, 3600]) },
            }),
          );
          const expected = evaluateAll(drawn, buildCall(action, input, { groups: new Set(GROUPS) }));
          const answer = evaluator.evaluate(action, input);
          expect({ kind: answer.kind, rules: answer.rules.map((rule) => rule.id).sort() }).toEqual(expected);
          seen[expected.kind] += 1;
        }
      }
      expect(Math.min(...Object.values(seen))).toBeGreaterThan(20);
    },
  );
});

describe('the plan', () => {
  const texts = Array.from(
    { length: 50 },
    (_, index) =>
      `@id("r${index}") permit (principal, action == Action::"activate", resource == Scope::"s:r${index}.x");`,
  );
  const scopes = Array.from({ length: 50 }, (_, index) => `s:r${index}.x`);
  const rules = loadRules(cedar, [{ name: 'many.cedar', text: texts.join('\n') }]);

  it('gives each scope its own rules', () => {
    const plan = buildPlan(rules, scopes);
    expect(plan.find('activate', 's:r7.x')?.rules.map((rule) => rule.id)).toEqual(['r7']);
    expect(plan.find('request', 's:r7.x')?.rules).toEqual([]);
    expect(plan.find('activate', 's:r99.x')).toBeUndefined();
  });

  it('falls back to every rule for the action beyond its limit, and parses that set once', () => {
    const plan = buildPlan(rules, scopes, 10);
    expect(plan.find('activate', 's:r7.x')?.rules.map((rule) => rule.id)).toEqual(['r7']);
    expect(plan.find('activate', 's:r30.x')?.rules).toHaveLength(50);
    expect(plan.find('activate', 's:r31.x')).toBe(plan.find('activate', 's:r30.x'));
  });
});
