import { describe, expect, it } from 'vitest';
import { openCedarPolicy } from '../../../src/adapters/policy/cedar.ts';
import { readPolicyFolder } from '../../../src/adapters/policy/folder.ts';
import type { PolicyAction } from '../../../src/core/ports/policy.ts';
import { API, ask, CATALOGUE, type QuestionChange, READ, WEDNESDAY, WRITE } from './questions.ts';

const folder = new URL('../../../examples/policies', import.meta.url).pathname;
const engine = await openCedarPolicy({ files: await readPolicyFolder(folder), catalogue: CATALOGUE });

function outcomeOf(change: QuestionChange): string {
  return engine.decide(ask(change)).outcome;
}

function permits(action: PolicyAction, change: QuestionChange): boolean {
  const { purpose: _, ...question } = ask(change);
  return engine.permits({ ...question, action }).allowed;
}

const NIGHT = Date.parse('2026-11-22T02:00:00Z');

describe('the sample policies', () => {
  it('grant an engineer up to an hour of reading at once, day and night, and want a reason', () => {
    for (const now of [ask().circumstances.now, NIGHT]) {
      const verdict = engine.decide(ask({ circumstances: { now, durationSeconds: 3600 } }));
      expect(verdict).toMatchObject({ outcome: 'automatic', rules: ['reads-are-automatic'] });
      expect(verdict.obligations).toMatchObject({ needsReason: true, minimumReasonLength: 10 });
    }
  });

  it('deny more than an hour, and say what to ask for instead', () => {
    const verdict = engine.decide(ask({ circumstances: { durationSeconds: 3601 } }));
    expect(verdict.outcome).toBe('denied');
    expect(verdict.advice.join()).toMatch(/an hour or less/);
  });

  it('grant reads through the API for as long as the catalogue allows', () => {
    expect(outcomeOf({ scope: API, circumstances: { durationSeconds: API.maxSeconds } })).toBe('automatic');
  });

  it('send writes to a database administrator, and say so at any hour', () => {
    for (const now of [ask().circumstances.now, NIGHT]) {
      const verdict = engine.decide(ask({ scope: WRITE, circumstances: { now } }));
      expect(verdict).toMatchObject({ outcome: 'needs_people', rules: ['writes-need-a-dba'] });
      expect(verdict.obligations).toMatchObject({
        approvals: 1,
        approverGroups: ['dba'],
        escalationGroups: ['leads'],
      });
    }
  });

  it('give nothing to those outside the group', () => {
    for (const scope of [READ, WRITE, API]) expect(outcomeOf({ scope, groups: ['sales'] })).toBe('denied');
  });

  it('do not extend writes at night, except for whoever is on call', () => {
    const change = { scope: WRITE, purpose: 'extend' } as const;
    expect(outcomeOf(change)).toBe('needs_people');
    const night = { ...change, circumstances: { now: NIGHT } };
    expect(outcomeOf(night)).toBe('denied');
    expect(outcomeOf({ ...night, groups: ['engineers', 'on-call'] })).toBe('needs_people');
    expect(outcomeOf({ ...night, scope: READ })).toBe('automatic');
  });

  it('never let a service write', () => {
    const change = { scope: WRITE, kind: 'workload', groups: ['engineers', 'on-call'] } as const;
    expect(engine.decide(ask(change))).toMatchObject({
      outcome: 'denied',
      rules: ['no-writes-by-workloads'],
    });
    expect(outcomeOf({ ...change, purpose: 'break_glass' })).toBe('denied');
  });

  it('break the glass for people on call, for half an hour', () => {
    const change = { scope: WRITE, purpose: 'break_glass' } as const;
    expect(outcomeOf({ ...change, groups: ['on-call'] })).toBe('automatic');
    expect(outcomeOf({ ...change, groups: ['engineers'] })).toBe('denied');
    expect(outcomeOf({ ...change, groups: ['on-call'], circumstances: { durationSeconds: 1801 } })).toBe(
      'denied',
    );
  });

  it('ask whoever approves, or breaks the glass, for a login of today, and refuse nobody for an older one', () => {
    const yesterday = { method: 'browser', at: WEDNESDAY - 86_400_000, strengths: [] } as const;
    const { purpose: _, ...question } = ask({ scope: WRITE, circumstances: { login: yesterday } });
    for (const groups of [['dba'], ['leads']]) {
      const principal = { ...question.principal, groups };
      expect(engine.permits({ ...question, principal, action: 'approve' })).toMatchObject({
        allowed: true,
        obligations: { loginWithinSeconds: 8 * 3600 },
      });
    }
    const opening = ask({
      purpose: 'break_glass',
      groups: ['on-call'],
      circumstances: { login: yesterday },
    });
    expect(engine.decide(opening)).toMatchObject({
      outcome: 'automatic',
      obligations: { loginWithinSeconds: 12 * 3600 },
    });
  });

  it('say who approves, revokes and reads', () => {
    expect(permits('approve', { scope: WRITE, groups: ['dba'] })).toBe(true);
    expect(permits('approve', { scope: WRITE, groups: ['leads'] })).toBe(true);
    expect(permits('approve', { scope: WRITE, groups: ['engineers', 'admins', 'security'] })).toBe(false);
    expect(permits('revoke', { groups: ['admins'] })).toBe(true);
    expect(permits('revoke', { groups: ['dba'] })).toBe(true);
    expect(permits('revoke', { groups: ['engineers'] })).toBe(false);
    expect(permits('read', { groups: ['security'] })).toBe(true);
    expect(permits('read', { groups: ['engineers'] })).toBe(false);
  });
});
