import { placePrincipal, placeScope } from './cedar-call.ts';
import { listActions, matchesHead, nameHead } from './head.ts';
import type { PolicyInput } from './input.ts';
import type { Rule } from './rule.ts';
import type { Action } from './schema.ts';
import { describeRule, type Judgement, listAdvice } from './verdict.ts';

const MATTERS: Readonly<Record<Action, string>> = {
  activate: '',
  request: '',
  extend: 'more time on ',
  break_glass: 'break-glass on ',
  approve: 'approving ',
  revoke: 'revoking ',
  read: 'seeing ',
};

/**
 * For a question that no rule says yes to. The advice is that of the rules for this scope: of those meant for this
 * person, whose conditions then did not hold; where there are none, what the rules meant for others are.
 */
export function explainNothing(options: {
  readonly rules: readonly Rule[];
  readonly actions: readonly Action[];
  readonly input: PolicyInput;
}): Pick<Judgement, 'reasons' | 'advice'> {
  const { rules, actions, input } = options;
  const who = placePrincipal(input.principal);
  const near = rules.filter((rule) => isNear(rule, actions, input));
  const mine = near.filter((rule) => matchesHead(rule.json.principal, who));
  const missed = mine.map(nameRule).join(', ');
  const because = mine.length > 0 ? `the conditions of ${missed} do not hold` : describeOthers(near);
  const nothing = `no rule allows ${MATTERS[actions[0] ?? 'activate']}${input.scope.name}`;
  return {
    reasons: [near.length > 0 ? `${nothing}: ${because}` : nothing],
    advice: mine.length > 0 ? listAdvice(mine) : near.map((rule) => `${rule.id}: ${describeRule(rule)}`),
  };
}

function describeOthers(rules: readonly Rule[]): string {
  const named = new Set(rules.map((rule) => nameHead(rule.json.principal)));
  const known = [...named].filter((name) => name !== undefined);
  return known.length === named.size ? `it is for ${known.join(' and ')}` : 'the rules for it are for others';
}

/** With what it says to people: that is where its conditions stand in their words. */
function nameRule({ id, description }: Rule): string {
  return description === null ? id : `${id} (${description})`;
}

function isNear(rule: Rule, actions: readonly Action[], input: PolicyInput): boolean {
  return (
    rule.json.effect === 'permit' &&
    listActions(rule.json).some((action) => actions.includes(action)) &&
    matchesHead(rule.json.resource, placeScope(input.scope))
  );
}
