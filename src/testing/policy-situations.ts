import type { ScopeEntry, TargetEntry } from '../core/catalogue.ts';
import type { PermissionQuestion, PolicyQuestion } from '../core/ports/policy.ts';

const SCOPE: ScopeEntry = {
  name: 'prod:db.read',
  description: 'Read production data',
  sensitivity: 'medium',
  defaultSeconds: 1800,
  maxSeconds: 14_400,
  targets: ['orders'],
};
const TARGET: TargetEntry = { name: 'orders', kind: 'token', audience: 'https://orders.example.com' };

/** The catalogue that the engines of the suite are made for. */
export const POLICY_SUITE_CATALOGUE = { scopes: [SCOPE], targets: [TARGET] } as const;

/** Each is about the scope `prod:db.read`; what it says is what the engine under test MUST be given as its rules. */
const POLICY_SITUATIONS = {
  empty: 'no rules',
  activate:
    'engineers activate, by rule `at-once`, for up to 3,600 s, from 10.0.0.0/8, in UTC from 08:00 to 18:00',
  request: 'engineers request, by rule `ask-people`, which names no number of approvals',
  both: 'rules `at-once` and `ask-people`, without conditions',
  forbidden: 'rules `at-once` and `ask-people`, and rule `frozen`, which forbids both',
  forbiddenAtOnce: 'rules `at-once` and `ask-people`, and rule `frozen`, which forbids activation only',
  adding:
    'engineers request, by rule `one` (1 approval, group dba, reason of 10) and rule `two` (2 approvals, group security, ticket)',
  escalating:
    'engineers request, by rule `one` (group dba, then leads) and rule `two` (group security, then leads and board)',
  steppingUp:
    'engineers activate, by rule `recent` (a login of 15 min, strength mfa) and rule `strong` (of 5 min, mfa and hwk), extend by rule `longer` (strength phr), break the glass by rule `open-up` (of 12 h)',
  carefulApproval:
    'dba approve by rule `decide` (a login of 15 min, strength mfa), and by rule `strict` (strength hwk) what is asked for longer than an hour',
  erringPermit: 'rule `at-once`, and a second permit for it, `erring`, which fails when it is evaluated',
  erringForbid: 'rule `at-once`, and a forbid on it, `erring`, which fails when it is evaluated',
  extending: 'rule `at-once`, and rule `longer`, by which people of group oncall extend',
  emergency: 'rule `open-up`, by which group oncall breaks the glass',
  permissions:
    'dba approve by rule `decide`, security read by rule `look`; services are in these groups as well',
} as const;

/** The name of one set of rules. */
export type PolicySituation = keyof typeof POLICY_SITUATIONS;
/** What is different from the question that everything allows. */
export type Change = Omit<Partial<PolicyQuestion>, 'circumstances'> & {
  readonly groups?: readonly string[];
  readonly circumstances?: Partial<PolicyQuestion['circumstances']>;
};

/** A question to which `activate` says yes, but for the change. */
export function buildQuestion({
  groups = ['engineers'],
  circumstances,
  ...change
}: Change = {}): PolicyQuestion {
  const now = Date.UTC(2026, 10, 18, 10, 0);
  return {
    principal: { subject: 'sub-1', name: 'dev', kind: 'person', person: 'sub-1', groups },
    scope: SCOPE,
    target: TARGET,
    purpose: 'ask',
    ...change,
    circumstances: {
      now,
      timeZone: 'UTC',
      durationSeconds: 1800,
      ip: '10.1.2.3',
      reason: 'INC-4211 slow checkout',
      ticket: null,
      login: { method: 'device', at: now - 60_000, strengths: [] },
      ...circumstances,
    },
  };
}

/** May this principal do that to what somebody else asked for? */
export function buildPermission(
  action: PermissionQuestion['action'],
  principal: Partial<PermissionQuestion['principal']>,
): PermissionQuestion {
  const { purpose: _, ...question } = buildQuestion();
  return { ...question, principal: { ...question.principal, ...principal }, action };
}
