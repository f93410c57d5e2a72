import { describe, expect, it } from 'vitest';
import {
  addObligations,
  combineVerdicts,
  NO_OBLIGATIONS,
  type Outcome,
  type ScopeVerdict,
} from '../../src/core/decision.ts';

const record = { policyVersion: 'v1', input: '{}' };

function verdict(outcome: Outcome, parts: Partial<ScopeVerdict> = {}): ScopeVerdict {
  const scope = `prod:${outcome.replace('_', '-')}.read`;
  return {
    scope,
    outcome,
    rules: [`${outcome}-rule`],
    reasons: [`${outcome} reason`],
    advice: [],
    obligations: NO_OBLIGATIONS,
    ...parts,
  };
}

describe('a decision over several scopes', () => {
  it.each<[readonly Outcome[], Outcome]>([
    [['automatic'], 'automatic'],
    [['automatic', 'needs_people'], 'needs_people'],
    [['needs_people', 'automatic'], 'needs_people'],
    [['automatic', 'denied', 'needs_people'], 'denied'],
    [['denied', 'automatic'], 'denied'],
  ])('of %j is %s', (outcomes, expected) => {
    expect(
      combineVerdicts(
        outcomes.map((outcome) => verdict(outcome)),
        record,
      ).outcome,
    ).toBe(expected);
  });

  it('S15: is denied when there is no verdict at all', () => {
    expect(combineVerdicts([], record)).toMatchObject({ outcome: 'denied', rule: null });
  });

  it('names the rule of the strictest scope and gives the reasons of the outcome only', () => {
    const decision = combineVerdicts(
      [verdict('automatic'), verdict('denied'), verdict('needs_people')],
      record,
    );
    expect(decision).toMatchObject({ rule: 'denied-rule', reasons: ['denied reason'], ...record });
    expect(decision.verdicts).toHaveLength(3);
  });

  it('gives every reason and advice once', () => {
    const same = { reasons: ['frozen'], advice: ['come back on Monday'] };
    const decision = combineVerdicts([verdict('denied', same), verdict('denied', same)], record);
    expect(decision).toMatchObject(same);
  });
});

describe('obligations', () => {
  it('add up: the largest count, every group, every demand', () => {
    const sum = addObligations([
      { ...NO_OBLIGATIONS, approvals: 1, approverGroups: ['dba'], minimumReasonLength: 20 },
      { ...NO_OBLIGATIONS, approvals: 2, approverGroups: ['dba', 'security'], needsTicket: true },
      { ...NO_OBLIGATIONS, needsReason: true, escalationGroups: ['leads'], loginWithinSeconds: 900 },
      {
        ...NO_OBLIGATIONS,
        loginWithinSeconds: 60,
        loginStrengths: ['mfa'],
        escalationGroups: ['leads'],
        idleSeconds: 900,
      },
      { ...NO_OBLIGATIONS, idleSeconds: 300 },
    ]);
    expect(sum).toEqual({
      approvals: 2,
      approverGroups: ['dba', 'security'],
      needsReason: true,
      minimumReasonLength: 20,
      needsTicket: true,
      escalationGroups: ['leads'],
      loginWithinSeconds: 60,
      loginStrengths: ['mfa'],
      idleSeconds: 300,
    });
  });

  it('of an automatic scope hold although another scope decides', () => {
    const strict = { ...NO_OBLIGATIONS, needsTicket: true };
    const decision = combineVerdicts(
      [verdict('automatic', { obligations: strict }), verdict('needs_people')],
      record,
    );
    expect(decision.obligations.needsTicket).toBe(true);
  });
});
