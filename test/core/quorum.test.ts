import { describe, expect, it } from 'vitest';
import { NO_OBLIGATIONS } from '../../src/core/decision.ts';
import { findMissing, listReviewerGroups } from '../../src/core/quorum.ts';
import type { Review } from '../../src/core/request.ts';

function approvalBy(
  person: string,
  groups: readonly string[] = [],
  outcome: Review['outcome'] = 'approved',
): Review {
  return {
    by: { subject: `account of ${person}`, name: person, person, groups },
    outcome,
    reason: null,
    breadth: { scopes: [], durationSeconds: 1 },
    way: 'cli',
    at: 0,
  };
}

const two = {
  ...NO_OBLIGATIONS,
  approvals: 2,
  approverGroups: ['dba', 'security'],
  escalationGroups: ['leads'],
};

describe('what is still missing', () => {
  it('is one person at least, whatever policy forgot to say', () => {
    expect(findMissing([], NO_OBLIGATIONS, false)).toEqual({ people: 1, groups: [] });
  });

  it('counts people and groups apart', () => {
    expect(findMissing([approvalBy('a', ['dba'])], two, false)).toEqual({ people: 1, groups: ['security'] });
    expect(findMissing([approvalBy('a', ['dba', 'security'])], two, false)).toEqual({
      people: 1,
      groups: [],
    });
    expect(findMissing([approvalBy('a', ['dba']), approvalBy('b', ['dba'])], two, false)).toEqual({
      people: 0,
      groups: ['security'],
    });
  });

  it('counts one human once, and no denial', () => {
    const reviews = [
      approvalBy('a', ['dba']),
      approvalBy('a', ['security']),
      approvalBy('b', ['dba'], 'denied'),
    ];
    expect(findMissing(reviews, two, false)).toEqual({ people: 1, groups: [] });
  });

  it('lets those called later stand in for a group, once they are called', () => {
    const reviews = [approvalBy('a', ['dba']), approvalBy('b', ['leads'])];
    expect(findMissing(reviews, two, false).groups).toEqual(['security']);
    expect(findMissing(reviews, two, true)).toEqual({ people: 0, groups: [] });
  });

  it('names who may review: anybody policy permits, or only members of these', () => {
    expect(listReviewerGroups(NO_OBLIGATIONS, true)).toEqual([]);
    expect(listReviewerGroups(two, false)).toEqual(['dba', 'security']);
    expect(listReviewerGroups(two, true)).toEqual(['dba', 'security', 'leads']);
  });
});
