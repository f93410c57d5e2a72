import { describe, expect, it } from 'vitest';
import {
  LONGEST_NEXT_CHARACTERS,
  LONGEST_STRENGTH_CHARACTERS,
  MOST_STRENGTHS,
} from '../../../../src/core/limits.ts';
import { Secret } from '../../../../src/core/secret.ts';
import { openCompanyState, sealCompanyState } from '../../../../src/server/oauth/login/company-state.ts';

const SECRET = new Secret('a secret of the tests, as long as it needs to be');
const BEGUN = { tie: 'this browser', next: '/inbox', demand: null, startedAt: 1_000_000 };

describe('the state of a login at the company', () => {
  it('is the login itself, sealed: it says nothing and cannot be made elsewhere', () => {
    const keys = sealCompanyState(SECRET, BEGUN);
    expect(openCompanyState(SECRET, keys.state, 1_000_000)).toMatchObject({ ...BEGUN, keys });
    expect(Buffer.from(keys.state, 'base64url').toString('latin1')).not.toContain('inbox');
    expect(
      openCompanyState(new Secret('another secret, also long enough for it'), keys.state, 1_000_000),
    ).toBeUndefined();
  });

  it('is not the same twice, and neither are nonce and code verifier, which it does not tell', () => {
    const [first, second] = [sealCompanyState(SECRET, BEGUN), sealCompanyState(SECRET, BEGUN)];
    const all = [first, second].flatMap(({ state, nonce, codeVerifier }) => [state, nonce, codeVerifier]);
    expect(new Set(all).size).toBe(6);
    for (const text of all) expect(text).toMatch(/^[\w-]{43,}$/);
  });

  it('has room for the longest way on and for all that policy may ask of a login', () => {
    const strengths = Array.from({ length: MOST_STRENGTHS }, () => 'x'.repeat(LONGEST_STRENGTH_CHARACTERS));
    const begun = {
      ...BEGUN,
      tie: 'x'.repeat(43),
      next: '"'.repeat(LONGEST_NEXT_CHARACTERS),
      demand: { maxAgeSeconds: 999_999_999, strengths },
    };
    const { state } = sealCompanyState(SECRET, begun);
    expect(openCompanyState(SECRET, state, 1_000_000)).toMatchObject(begun);
  });

  it('is over after ten minutes', () => {
    const { state } = sealCompanyState(SECRET, BEGUN);
    expect(openCompanyState(SECRET, state, 1_600_000)).toBeDefined();
    expect(openCompanyState(SECRET, state, 1_600_001)).toBeUndefined();
  });

  it('is nothing when one letter of it is another', () => {
    const { state } = sealCompanyState(SECRET, BEGUN);
    for (let index = 0; index < state.length - 1; index += 1) {
      const other = state[index] === 'A' ? 'B' : 'A';
      const touched = state.slice(0, index) + other + state.slice(index + 1);
      expect(openCompanyState(SECRET, touched, 1_000_000)).toBeUndefined();
    }
  });
});
