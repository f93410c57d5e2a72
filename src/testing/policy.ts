import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { NO_OBLIGATIONS } from '../core/decision.ts';
import type { PermissionQuestion, PolicyEngine } from '../core/ports/policy.ts';
import {
  buildPermission,
  buildQuestion,
  type Change,
  POLICY_SUITE_CATALOGUE,
  type PolicySituation,
} from './policy-situations.ts';
import type { SuiteRunner } from './suite.ts';

/** What every `PolicyEngine` does. `open` MUST give an engine with the rules of the situation, and nothing else. */
export function policySuite(
  { test }: SuiteRunner,
  open: (situation: PolicySituation) => Promise<PolicyEngine>,
): void {
  const [scope] = POLICY_SUITE_CATALOGUE.scopes;
  const decide = async (situation: PolicySituation, change?: Change) =>
    (await open(situation)).decide(buildQuestion(change));

  test('denies with a reason where there are no rules', async () => {
    const verdict = await decide('empty');
    equal(verdict.outcome, 'denied');
    deepEqual(verdict.rules, []);
    ok(verdict.reasons.length > 0);
  });

  test('grants at once what activation allows, and names the rule', async () => {
    const verdict = await decide('activate');
    equal(verdict.outcome, 'automatic');
    deepEqual(verdict.rules, ['at-once']);
    ok(verdict.reasons.length > 0);
    equal(verdict.scope, scope.name);
  });

  test('denies with a reason what no rule matches', async () => {
    for (const change of [
      { groups: ['others'] },
      { groups: [] },
      { circumstances: { durationSeconds: 3601 } },
      { circumstances: { ip: '192.168.1.1' } },
      { circumstances: { now: Date.UTC(2026, 10, 18, 18, 0) } },
    ]) {
      const verdict = await decide('activate', change);
      equal(verdict.outcome, 'denied');
      match(verdict.reasons.join(), /prod:db\.read/);
    }
  });

  test('knows what no rule could ever permit', async () => {
    equal((await open('empty')).mightPermit('approve', scope), false);
    equal((await open('activate')).mightPermit('approve', scope), false);
    equal((await open('permissions')).mightPermit('approve', scope), true);
    equal((await open('permissions')).mightPermit('revoke', scope), false);
  });

  test('takes the clock of the question, in the zone of the question', async () => {
    const now = Date.UTC(2026, 10, 18, 17, 30);
    equal((await decide('activate', { circumstances: { now } })).outcome, 'automatic');
    equal((await decide('activate', { circumstances: { now, timeZone: 'Europe/Rome' } })).outcome, 'denied');
  });

  test('needs one person where a rule names no number', async () => {
    const verdict = await decide('request');
    equal(verdict.outcome, 'needs_people');
    deepEqual(verdict.rules, ['ask-people']);
    equal(verdict.obligations.approvals, 1);
  });

  test('does not ask people for what is granted at once', async () => {
    const verdict = await decide('both');
    equal(verdict.outcome, 'automatic');
    equal(verdict.obligations.approvals, 0);
  });

  test('lets one forbid outweigh every permit, and names it', async () => {
    const verdict = await decide('forbidden');
    equal(verdict.outcome, 'denied');
    deepEqual(verdict.rules, ['frozen']);
    ok(verdict.reasons.length > 0);
  });

  test('asks people where only activation is forbidden', async () => {
    const verdict = await decide('forbiddenAtOnce');
    equal(verdict.outcome, 'needs_people');
    deepEqual(verdict.rules, ['ask-people', 'frozen']);
  });

  test('adds up what several rules demand', async () => {
    const { obligations, rules } = await decide('adding');
    deepEqual([...rules].sort(), ['one', 'two']);
    equal(obligations.approvals, 2);
    deepEqual([...obligations.approverGroups].sort(), ['dba', 'security']);
    equal(obligations.needsReason, true);
    equal(obligations.minimumReasonLength, 10);
    equal(obligations.needsTicket, true);
  });

  test('names everybody whom the rules call when nobody decides, and keeps them apart from the approvers', async () => {
    const { obligations } = await decide('escalating');
    deepEqual([...obligations.escalationGroups].sort(), ['board', 'leads']);
    deepEqual([...obligations.approverGroups].sort(), ['dba', 'security']);
    deepEqual((await decide('adding')).obligations.escalationGroups, []);
  });

  test('allows what a login is too old or too weak for, and says what login it wants', async () => {
    const { outcome, obligations } = await decide('steppingUp');
    equal(outcome, 'automatic');
    equal(obligations.loginWithinSeconds, 300);
    deepEqual([...obligations.loginStrengths].sort(), ['hwk', 'mfa']);
    deepEqual((await decide('both')).obligations, NO_OBLIGATIONS);
  });

  test('adds what an extension wants of the login to what asking wants; break-glass wants its own only', async () => {
    const extending = (await decide('steppingUp', { purpose: 'extend' })).obligations;
    deepEqual([...extending.loginStrengths].sort(), ['hwk', 'mfa', 'phr']);
    equal(extending.loginWithinSeconds, 300);
    const opening = (await decide('steppingUp', { purpose: 'break_glass' })).obligations;
    deepEqual(opening, { ...NO_OBLIGATIONS, loginWithinSeconds: 43_200 });
  });

  test('says what login a reviewer needs, by the rules that allow it and no others', async () => {
    const engine = await open('carefulApproval');
    const approve = (groups: readonly string[], durationSeconds: number) => {
      const question = buildPermission('approve', { groups });
      return engine.permits({ ...question, circumstances: { ...question.circumstances, durationSeconds } });
    };
    const wanted = { ...NO_OBLIGATIONS, loginWithinSeconds: 900, loginStrengths: ['mfa'] };
    deepEqual(approve(['dba'], 1800), { allowed: true, rules: ['decide'], obligations: wanted });
    deepEqual([...approve(['dba'], 3601).obligations.loginStrengths].sort(), ['hwk', 'mfa']);
    deepEqual(approve(['others'], 1800), { allowed: false, rules: [], obligations: NO_OBLIGATIONS });
  });

  for (const situation of ['erringPermit', 'erringForbid'] as const) {
    test(`S15: an error in a rule denies and names the rule (${situation})`, async () => {
      const verdict = await decide(situation);
      equal(verdict.outcome, 'denied');
      ok(verdict.rules.includes('erring'));
      match(verdict.reasons.join(), /erring/);
    });
  }

  test('S15: circumstances that cannot be are denied, and the engine goes on', async () => {
    const engine = await open('both');
    for (const circumstances of [
      { ip: '10.1.2.3/8' },
      { ip: '' },
      { timeZone: 'Nowhere/Land' },
      { durationSeconds: Number.NaN },
      { now: Number.POSITIVE_INFINITY },
    ]) {
      const verdict = engine.decide(buildQuestion({ circumstances }));
      equal(verdict.outcome, 'denied');
      ok(verdict.reasons.length > 0);
    }
    equal(engine.decide(buildQuestion()).outcome, 'automatic');
  });

  test('denies a scope that is not in the catalogue: a wildcard is only another name', async () => {
    const engine = await open('activate');
    for (const name of ['prod:db.*', 'prod:*', '*', 'prod:db.rea', 'prod:db.read ', 'PROD:db.read']) {
      const verdict = engine.decide(buildQuestion({ scope: { ...scope, name } }));
      equal(verdict.outcome, 'denied');
    }
  });

  test('extends only what may be asked for and extended', async () => {
    equal((await decide('extending', { purpose: 'extend' })).outcome, 'denied');
    const both = { purpose: 'extend', groups: ['engineers', 'oncall'] } as const;
    const verdict = await decide('extending', both);
    equal(verdict.outcome, 'automatic');
    deepEqual(verdict.rules, ['at-once', 'longer']);
    equal((await decide('extending', { ...both, groups: ['oncall'] })).outcome, 'denied');
    equal((await decide('activate', both)).outcome, 'denied');
  });

  test('breaks the glass only for those who may, and gives them nothing else', async () => {
    const groups = ['oncall'];
    equal((await decide('emergency', { purpose: 'break_glass', groups })).outcome, 'automatic');
    equal((await decide('emergency', { purpose: 'break_glass' })).outcome, 'denied');
    equal((await decide('emergency', { groups })).outcome, 'denied');
    equal((await decide('both', { purpose: 'break_glass' })).outcome, 'denied');
  });

  test('permits to people what their rules permit, each action apart', async () => {
    const engine = await open('permissions');
    const permits = (action: PermissionQuestion['action'], groups: readonly string[]) =>
      engine.permits(buildPermission(action, { groups }));
    deepEqual(permits('approve', ['dba']), { allowed: true, rules: ['decide'], obligations: NO_OBLIGATIONS });
    deepEqual(permits('read', ['security']), { allowed: true, rules: ['look'], obligations: NO_OBLIGATIONS });
    equal(permits('approve', ['security']).allowed, false);
    equal(permits('read', ['dba']).allowed, false);
    equal(permits('revoke', ['dba', 'security']).allowed, false);
  });

  test('never lets a workload approve', async () => {
    const engine = await open('permissions');
    const workload = { kind: 'workload', groups: ['dba', 'security'] } as const;
    equal(engine.permits(buildPermission('approve', workload)).allowed, false);
    equal(engine.permits(buildPermission('read', workload)).allowed, true);
  });

  test('has one version for the same rules, and another for others', async () => {
    equal((await open('activate')).version, (await open('activate')).version);
    notEqual((await open('activate')).version, (await open('request')).version);
  });

  test('describes its input as plain JSON, without the reason itself', async () => {
    const input = (await open('activate')).describeInput(buildQuestion());
    deepEqual(JSON.parse(JSON.stringify(input)), input);
    match(JSON.stringify(input), /sub-1.*engineers/);
    ok(!JSON.stringify(input).includes('slow checkout'));
  });
}
