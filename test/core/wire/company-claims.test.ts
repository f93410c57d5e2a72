import { describe, expect, it } from 'vitest';
import {
  LONGEST_GROUP_CHARACTERS,
  LONGEST_NAME_CHARACTERS,
  LONGEST_SUB_CHARACTERS,
  MOST_GROUPS,
  MOST_STRENGTHS,
} from '../../../src/core/limits.ts';
import {
  decodeCompanyPerson,
  decodeStrengths,
  lacksPersonClaims,
} from '../../../src/core/wire/company-claims.ts';

const NAMES = { groupsClaim: 'groups', nameClaim: 'preferred_username', personClaim: null };
const CLAIMS = { sub: 'u-1', preferred_username: 'ada', groups: ['engineers'] };

describe('a person at the company', () => {
  it('has the subject that never changes, and the name of today', () => {
    const person = decodeCompanyPerson({ ...CLAIMS, preferred_username: 'ada.l' }, NAMES);
    expect(person).toEqual({
      kind: 'person',
      principal: {
        subject: 'oidc:u-1',
        name: 'ada.l',
        kind: 'person',
        groups: ['engineers'],
        person: 'oidc:u-1',
      },
    });
  });

  it('has no groups where nothing is said of them, and each once', () => {
    const groupsOf = (groups: unknown) => decodeCompanyPerson({ ...CLAIMS, groups }, NAMES);
    expect(groupsOf(undefined)).toMatchObject({ principal: { groups: [] } });
    expect(groupsOf(['a', 'b', 'a'])).toMatchObject({ principal: { groups: ['a', 'b'] } });
  });

  it('is the human that another claim names, where several accounts are one', () => {
    const names = { ...NAMES, personClaim: 'employee' };
    expect(decodeCompanyPerson({ ...CLAIMS, employee: 'E7' }, names)).toMatchObject({
      principal: { subject: 'oidc:u-1', person: 'oidc:E7' },
    });
    expect(decodeCompanyPerson(CLAIMS, names)).toMatchObject({ kind: 'malformed' });
  });

  it('is disabled where the provider says so', () => {
    expect(decodeCompanyPerson({ ...CLAIMS, active: true }, NAMES)).toMatchObject({ kind: 'person' });
    expect(decodeCompanyPerson({ ...CLAIMS, active: false }, NAMES)).toEqual({ kind: 'disabled' });
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['sub', { sub: 'x'.repeat(LONGEST_SUB_CHARACTERS) }, { sub: 'x'.repeat(LONGEST_SUB_CHARACTERS + 1) }],
    [
      'name',
      { preferred_username: 'x'.repeat(LONGEST_NAME_CHARACTERS) },
      { preferred_username: 'x'.repeat(LONGEST_NAME_CHARACTERS + 1) },
    ],
    [
      'group',
      { groups: ['x'.repeat(LONGEST_GROUP_CHARACTERS)] },
      { groups: ['x'.repeat(LONGEST_GROUP_CHARACTERS + 1)] },
    ],
    ['number of groups', { groups: listOf(MOST_GROUPS) }, { groups: listOf(MOST_GROUPS + 1) }],
  ])('INP-01: the %s has a limit: at it a person, one above malformed', (_, at, above) => {
    expect(decodeCompanyPerson({ ...CLAIMS, ...at }, NAMES).kind).toBe('person');
    expect(decodeCompanyPerson({ ...CLAIMS, ...above }, NAMES).kind).toBe('malformed');
  });

  it.each(['__proto__', 'constructor', 'toString'])(
    'has nothing from the claim %s that was not sent',
    (name) => {
      const names = { ...NAMES, nameClaim: name };
      expect(decodeCompanyPerson(CLAIMS, names).kind).toBe('malformed');
      expect(lacksPersonClaims(CLAIMS, names)).toBe(true);
    },
  );
});

describe('the strengths of a login', () => {
  it('are acr and amr, each once', () => {
    expect(decodeStrengths({ acr: 'mfa', amr: ['pwd', 'mfa', 'hwk'] })).toEqual(['mfa', 'pwd', 'hwk']);
    expect(decodeStrengths({})).toEqual([]);
  });

  it('INP-01: are limited in number: at the limit they are there, one above malformed', () => {
    expect(decodeStrengths({ amr: listOf(MOST_STRENGTHS) })).toHaveLength(MOST_STRENGTHS);
    expect(decodeStrengths({ amr: listOf(MOST_STRENGTHS + 1) })).toBeUndefined();
  });
});

function listOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `g${index}`);
}
