import { describe, expect, it } from 'vitest';
import {
  readLoginDemand,
  satisfiesDemand,
  writeLoginDemand,
} from '../../../../src/server/oauth/login/demand.ts';

describe('the login that is asked for', () => {
  it.each([
    [{}, null],
    [{ max_age: '', acr_values: '' }, null],
    [{ max_age: '900' }, { maxAgeSeconds: 900, strengths: [] }],
    [{ max_age: 0 }, { maxAgeSeconds: 0, strengths: [] }],
    [{ acr_values: 'mfa hwk' }, { maxAgeSeconds: null, strengths: ['mfa', 'hwk'] }],
  ])('is read from %j', (params, demand) => {
    expect(readLoginDemand(params)).toEqual(demand);
    expect(demand && readLoginDemand(writeLoginDemand(demand))).toEqual(demand);
  });

  it.each(['soon', '-1', '1e9', '9'.repeat(10), ['900'], {}])(
    'asks for the most where it cannot be read: %j',
    (max_age) => {
      const demand = readLoginDemand({ max_age });
      expect(demand?.maxAgeSeconds === 0 || demand?.maxAgeSeconds === 900).toBe(true);
    },
  );

  it('is there when it is as young and as strong as that', () => {
    const login = { at: 1_000_000, strengths: ['pwd', 'mfa'] };
    const demand = { maxAgeSeconds: 900, strengths: ['mfa'] };
    expect(satisfiesDemand(login, null, 9e15)).toBe(true);
    expect(satisfiesDemand(login, demand, 1_000_000 + 900_000)).toBe(true);
    expect(satisfiesDemand(login, demand, 1_000_000 + 900_001)).toBe(false);
    expect(satisfiesDemand(login, { ...demand, strengths: ['mfa', 'hwk'] }, 1_000_000)).toBe(false);
  });
});
