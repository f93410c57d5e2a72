import { addObligations, NO_OBLIGATIONS, type ScopeVerdict } from '../../core/decision.ts';
import type { PolicyQuestion } from '../../core/ports/policy.ts';
import type { Evaluation } from './evaluator.ts';
import type { Rule } from './rule.ts';
import type { Action } from './schema.ts';

/** Everything of a verdict but the scope's name. */
export type Judgement = Omit<ScopeVerdict, 'scope'>;

export type Judge = {
  readonly evaluate: (action: Action) => Evaluation;
  /** What people are told when no rule allows an action. */
  readonly explainNothing: (actions: readonly Action[]) => Pick<Judgement, 'reasons' | 'advice'>;
};

/** The order in which actions are asked, and what each answer means (docs/policy.md). */
export function judgePurpose(purpose: PolicyQuestion['purpose'], judge: Judge): Judgement {
  if (purpose === 'break_glass') return judgeBreakGlass(judge);
  const asked = judgeAsk(judge);
  return purpose === 'extend' && asked.outcome !== 'denied' ? judgeExtension(asked, judge) : asked;
}

function judgeAsk(judge: Judge): Judgement {
  const activate = judge.evaluate('activate');
  if (activate.kind === 'broken') return denyBroken(activate);
  if (activate.kind === 'allowed') return grant('automatic', activate.rules);
  const request = judge.evaluate('request');
  if (request.kind === 'broken') return denyBroken(request);
  const forbids = activate.rules;
  if (request.kind === 'refused') {
    return refuse([...request.rules, ...forbids], () => judge.explainNothing(['activate', 'request']));
  }
  const needed = grant('needs_people', request.rules);
  return {
    ...needed,
    rules: [...needed.rules, ...listIds(forbids)],
    reasons: [...needed.reasons, ...describe(forbids)],
    obligations: addObligations([{ ...NO_OBLIGATIONS, approvals: 1 }, needed.obligations]),
  };
}

function judgeExtension(asked: Judgement, judge: Judge): Judgement {
  const extend = judge.evaluate('extend');
  if (extend.kind === 'broken') return denyBroken(extend);
  if (extend.kind === 'refused') return refuse(extend.rules, () => judge.explainNothing(['extend']));
  const more = grant(asked.outcome, extend.rules);
  return {
    outcome: asked.outcome,
    rules: [...asked.rules, ...more.rules],
    reasons: [...asked.reasons, ...more.reasons],
    advice: [...asked.advice, ...more.advice],
    obligations: addObligations([asked.obligations, more.obligations]),
  };
}

function judgeBreakGlass(judge: Judge): Judgement {
  const answer = judge.evaluate('break_glass');
  if (answer.kind === 'broken') return denyBroken(answer);
  if (answer.kind === 'refused') return refuse(answer.rules, () => judge.explainNothing(['break_glass']));
  return grant('automatic', answer.rules);
}

function grant(outcome: Judgement['outcome'], permits: readonly Rule[]): Judgement {
  return {
    outcome,
    rules: listIds(permits),
    reasons: describe(permits),
    advice: outcome === 'automatic' ? [] : listAdvice(permits),
    obligations: addObligations(permits.map((rule) => rule.obligations)),
  };
}

function refuse(
  forbids: readonly Rule[],
  explainNothing: () => Pick<Judgement, 'reasons' | 'advice'>,
): Judgement {
  const said =
    forbids.length > 0 ? { reasons: describe(forbids), advice: listAdvice(forbids) } : explainNothing();
  return { outcome: 'denied', rules: listIds(forbids), ...said, obligations: NO_OBLIGATIONS };
}

/** Nothing is granted on the word of rules of which one could not be evaluated (S15). */
export function denyBroken(broken: { readonly rules: readonly Rule[]; readonly why: string }): Judgement {
  const names = listIds(broken.rules).map((id) => `rule ${id}`);
  const subject = names.length > 0 ? names.join(', ') : 'the policy';
  const reasons = [`${subject} could not be evaluated, so nothing is granted: ${broken.why}`];
  const advice = ['tell the people who write the policy'];
  return { outcome: 'denied', rules: listIds(broken.rules), reasons, advice, obligations: NO_OBLIGATIONS };
}

function describe(rules: readonly Rule[]): readonly string[] {
  return [...new Set(rules.map(describeRule))];
}

/** What people read in place of the rule. */
export function describeRule(rule: Rule): string {
  return rule.description ?? `rule ${rule.id} ${EFFECTS[rule.json.effect]}`;
}

const EFFECTS = { permit: 'allows it', forbid: 'forbids it' } as const;

/** What these rules advise people to do. */
export function listAdvice(rules: readonly Rule[]): readonly string[] {
  return [...new Set(rules.flatMap((rule) => (rule.advice === null ? [] : [rule.advice])))];
}

function listIds(rules: readonly Rule[]): readonly string[] {
  return [...new Set(rules.map((rule) => rule.id))];
}
