import { describe, it } from 'vitest';
import { openCedarPolicy } from '../../src/adapters/policy/cedar.ts';
import { policySuite } from '../../src/testing/policy.ts';
import { POLICY_SUITE_CATALOGUE, type PolicySituation } from '../../src/testing/policy-situations.ts';

const engineers = (action: string) =>
  `(principal in Group::"engineers", action == Action::"${action}", resource == Scope::"prod:db.read")`;
const AT_ONCE = `@id("at-once") permit ${engineers('activate')};`;
const ASK_PEOPLE = `@id("ask-people") permit ${engineers('request')};`;
const OVERFLOW = 'context.local.weekday * 9223372036854775807 > 0';

const RULES: Readonly<Record<PolicySituation, string>> = {
  empty: '',
  activate: `@id("at-once") permit ${engineers('activate')} when {
    context.duration_seconds <= 3600 && context.ip.isInRange(ip("10.0.0.0/8")) &&
    context.local.minutes >= 480 && context.local.minutes < 1080 };`,
  request: ASK_PEOPLE,
  both: AT_ONCE + ASK_PEOPLE,
  forbidden: `${AT_ONCE} ${ASK_PEOPLE} @id("frozen") forbid (principal, action, resource);`,
  forbiddenAtOnce: `${AT_ONCE} ${ASK_PEOPLE} @id("frozen") forbid (principal, action == Action::"activate", resource);`,
  adding: `
    @id("one") @approvals("1") @approvers("dba") @reason_length("10") permit ${engineers('request')};
    @id("two") @approvals("2") @approvers("security") @needs_ticket permit ${engineers('request')};`,
  escalating: `
    @id("one") @approvers("dba") @escalates_to("leads") permit ${engineers('request')};
    @id("two") @approvers("security") @escalates_to("leads, board") permit ${engineers('request')};`,
  steppingUp: `
    @id("recent") @login_within("15m") @login_strength("mfa") permit ${engineers('activate')};
    @id("strong") @login_within("PT5M") @login_strength("mfa, hwk") permit ${engineers('activate')};
    @id("longer") @login_strength("phr") permit ${engineers('extend')};
    @id("open-up") @login_within("12h") permit ${engineers('break_glass')};`,
  carefulApproval: `
    @id("decide") @login_within("15m") @login_strength("mfa")
    permit (principal in Group::"dba", action == Action::"approve", resource);
    @id("strict") @login_strength("hwk")
    permit (principal in Group::"dba", action == Action::"approve", resource)
    when { context.duration_seconds > 3600 };`,
  erringPermit: `${AT_ONCE} @id("erring") permit ${engineers('activate')} when { ${OVERFLOW} };`,
  erringForbid: `${AT_ONCE} @id("erring") forbid ${engineers('activate')} when { ${OVERFLOW} };`,
  extending: `${AT_ONCE} @id("longer") permit (principal in Group::"oncall", action == Action::"extend", resource);`,
  emergency:
    '@id("open-up") permit (principal in Group::"oncall", action == Action::"break_glass", resource);',
  permissions: `
    @id("decide") permit (principal in Group::"dba", action == Action::"approve", resource);
    @id("look") permit (principal in Group::"security", action == Action::"read", resource);`,
};

describe('Cedar keeps the contract of PolicyEngine', () => {
  policySuite({ test: it }, (situation) =>
    openCedarPolicy({
      files: [{ name: `${situation}.cedar`, text: RULES[situation] }],
      catalogue: POLICY_SUITE_CATALOGUE,
    }),
  );
});
