import { describe, expect, it } from 'vitest';
import { NO_OBLIGATIONS } from '../../../src/core/decision.ts';
import { ask, openRules, WRITE } from './questions.ts';

const OVERFLOW = 'context.duration_seconds * 9223372036854775807 > 0';
const rule = (effect: string, action: string) =>
  `${effect} (principal, action == Action::"${action}", resource)`;

describe('S15: an error in any rule that was asked denies, and is named', () => {
  it.each([
    ['activate', 'ask'],
    ['request', 'ask'],
    ['extend', 'extend'],
    ['break_glass', 'break_glass'],
  ] as const)('a forbid of %s that fails', async (action, purpose) => {
    const permitted = ['activate', 'request', 'extend', 'break_glass'].filter(
      (other) => other !== 'activate' || action !== 'request',
    );
    const permits = permitted.map((name) => `@id("may-${name}") ${rule('permit', name)};`).join('\n');
    const engine = await openRules(
      `${permits} @id("broken") ${rule('forbid', action)} when { ${OVERFLOW} };`,
    );
    const verdict = engine.decide(ask({ purpose }));
    expect(verdict).toMatchObject({ outcome: 'denied', rules: ['broken'] });
    expect(verdict.reasons[0]).toMatch(
      /^rule broken could not be evaluated, so nothing is granted: .*overflow/,
    );
  });

  it('S15: a rule that fails permits nothing to reviewers', async () => {
    const engine = await openRules(`
      @id("fine") ${rule('permit', 'approve')};
      @id("broken") ${rule('permit', 'approve')} when { ${OVERFLOW} };`);
    const { purpose: _, ...question } = ask({ groups: ['dba'] });
    expect(engine.permits({ ...question, action: 'approve' })).toEqual({
      allowed: false,
      rules: ['broken'],
      obligations: NO_OBLIGATIONS,
    });
  });

  it('S15: circumstances that cannot be permit nothing to reviewers', async () => {
    const engine = await openRules(`@id("fine") ${rule('permit', 'revoke')};`);
    const { purpose: _, ...question } = ask({ circumstances: { ip: 'nonsense' } });
    expect(engine.permits({ ...question, action: 'revoke' })).toEqual({
      allowed: false,
      rules: [],
      obligations: NO_OBLIGATIONS,
    });
  });

  it('a rule that would fail for another scope does not matter', async () => {
    const engine = await openRules(`
      @id("fine") ${rule('permit', 'activate')};
      @id("broken") forbid (principal, action, resource == Scope::"prod:db.write") when { ${OVERFLOW} };`);
    expect(engine.decide(ask()).outcome).toBe('automatic');
    expect(engine.decide(ask({ scope: WRITE })).outcome).toBe('denied');
  });
});

describe('reasons and advice', () => {
  it('are the words of the rule, or its name where it has none', async () => {
    const engine = await openRules(`
      @id("quiet") ${rule('permit', 'activate')};
      @id("spoken") @description("reading is for everyone") ${rule('permit', 'activate')};`);
    expect(engine.decide(ask()).reasons).toEqual(['rule quiet allows it', 'reading is for everyone']);
  });

  it('of a forbid are its own, not those of the permits it outweighs', async () => {
    const engine = await openRules(`
      @id("may") @advice("permit advice") permit (principal, action, resource);
      @id("freeze") @description("there is a change freeze") @advice("wait until Monday") forbid (principal, action, resource);`);
    expect(engine.decide(ask())).toMatchObject({
      outcome: 'denied',
      rules: ['freeze'],
      reasons: ['there is a change freeze'],
      advice: ['wait until Monday'],
    });
  });

  it('say which conditions did not hold, and what would', async () => {
    const engine = await openRules(`
      @id("short") @advice("ask for less") permit (principal in Group::"engineers", action == Action::"activate", resource)
        when { context.duration_seconds <= 600 };
      @id("others") @advice("not this") permit (principal in Group::"dba", action == Action::"activate", resource);
      @id("elsewhere") @advice("nor this") permit (principal, action == Action::"activate", resource == Scope::"prod:db.write");`);
    expect(engine.decide(ask())).toMatchObject({
      outcome: 'denied',
      rules: [],
      reasons: ['no rule allows prod:db.read: the conditions of short do not hold'],
      advice: ['ask for less'],
    });
    expect(engine.decide(ask({ groups: ['dba'] })).outcome).toBe('automatic');
  });

  it('say what a rule whose conditions did not hold is there for', async () => {
    const engine = await openRules(`
      @id("short") @description("engineers may read for ten minutes") permit (principal, action == Action::"activate", resource)
        when { context.duration_seconds <= 600 };`);
    expect(engine.decide(ask()).reasons).toEqual([
      'no rule allows prod:db.read: the conditions of short (engineers may read for ten minutes) do not hold',
    ]);
  });

  it('say whom the rules are for, where they are for others', async () => {
    const engine = await openRules(`
      @id("dbas-read") @description("dbas may read") permit (principal in Group::"dba", action == Action::"activate", resource);`);
    const verdict = engine.decide(ask());
    expect(verdict.reasons).toEqual(['no rule allows prod:db.read: it is for the group dba']);
    expect(verdict.advice).toEqual(['dbas-read: dbas may read']);
  });
});

describe('obligations', () => {
  it('of an extension are added to those of the request', async () => {
    const engine = await openRules(`
      @id("a") @reason_length("10") ${rule('permit', 'activate')};
      @id("e") @needs_ticket ${rule('permit', 'extend')};`);
    expect(engine.decide(ask()).obligations).toMatchObject({ needsTicket: false, minimumReasonLength: 10 });
    expect(engine.decide(ask({ purpose: 'extend' })).obligations).toEqual({
      ...NO_OBLIGATIONS,
      needsReason: true,
      minimumReasonLength: 10,
      needsTicket: true,
    });
  });

  it('of rules that did not hold do not count', async () => {
    const engine = await openRules(`
      @id("a") @approvals("2") @approvers("dba, security, dba") ${rule('permit', 'request')};
      @id("b") @approvals("5") @approvers("board") ${rule('permit', 'request')} when { context.ticket.known };`);
    expect(engine.decide(ask()).obligations).toMatchObject({
      approvals: 2,
      approverGroups: ['dba', 'security'],
    });
    const withTicket = ask({ circumstances: { ticket: 'CHG-1' } });
    expect(engine.decide(withTicket).obligations).toMatchObject({
      approvals: 5,
      approverGroups: ['dba', 'security', 'board'],
    });
  });
});
