import { expect, it } from 'vitest';
import { NO_OBLIGATIONS } from '../../src/core/decision.ts';
import { findLoginDemand } from '../../src/core/step-up.ts';

const NOW = 1_000_000;
const login = { method: 'browser', at: NOW - 60_000, strengths: ['pwd'] } as const;

it('asks for nothing where policy asks for nothing', () => {
  expect(findLoginDemand(login, NO_OBLIGATIONS, NOW)).toBeUndefined();
});

it('asks for a new login when the one there is is older, to the second', () => {
  expect(findLoginDemand(login, { ...NO_OBLIGATIONS, loginWithinSeconds: 60 }, NOW)).toBeUndefined();
  expect(findLoginDemand(login, { ...NO_OBLIGATIONS, loginWithinSeconds: 59 }, NOW)).toEqual({
    maxAgeSeconds: 59,
    strengths: [],
  });
});

it('asks for every strength that the login has not', () => {
  const loginStrengths = ['pwd', 'mfa'];
  expect(findLoginDemand(login, { ...NO_OBLIGATIONS, loginStrengths }, NOW)?.strengths).toEqual(
    loginStrengths,
  );
  const strong = { ...login, strengths: ['mfa', 'pwd', 'hwk'] };
  expect(findLoginDemand(strong, { ...NO_OBLIGATIONS, loginStrengths }, NOW)).toBeUndefined();
});
