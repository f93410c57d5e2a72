import { expect, it } from 'vitest';
import { flatten, isSamePerson } from '../../src/core/same-person.ts';

const anna = { subject: 'oidc:00u1', name: 'anna', person: 'employee-7' };

it.each([
  { why: 'the account', other: { ...anna, name: 'x', person: 'y' } },
  {
    why: 'the human behind another account',
    other: { subject: 'oidc:00u2', name: 'x', person: 'employee-7' },
  },
  { why: 'a name in other case', other: { subject: 'a', name: 'ANNA', person: 'b' } },
  { why: 'a name with an accent', other: { subject: 'a', name: 'ann\u00e4', person: 'b' } },
  { why: 'a Cyrillic name', other: { subject: 'a', name: '\u0430nn\u0430', person: 'b' } },
  { why: 'a Greek name', other: { subject: 'a', name: '\u03b1nn\u03b1', person: 'b' } },
])('S3: takes $why for the same human', ({ other }) => {
  expect(isSamePerson(anna, other)).toBe(true);
  expect(isSamePerson(other, anna)).toBe(true);
});

it('tells people apart', () => {
  expect(isSamePerson(anna, { subject: 'oidc:00u2', name: 'hanna', person: 'employee-8' })).toBe(false);
  expect(flatten('anna')).not.toBe(flatten('anne'));
});
