import { expect, it } from 'vitest';
import { findLongestAutomatic } from '../../../src/broker/request/longest-automatic.ts';

const HOUR = 3600;
const LENGTHS = { defaultSeconds: HOUR / 2, maxSeconds: 4 * HOUR };

it.each([
  [HOUR, HOUR],
  [45 * 60, 45 * 60],
  [HOUR + 59, HOUR],
  [HOUR / 2, HOUR / 2],
  [4 * HOUR - 60, 4 * HOUR - 60],
  [4 * HOUR - 1, 4 * HOUR - 60],
  [4 * HOUR, undefined],
])('where up to %i s is granted at once, %s is said, after a dozen questions at most', (limit, said) => {
  let questions = 0;
  const isAutomatic = (seconds: number): boolean => {
    questions += 1;
    return seconds <= limit;
  };
  expect(findLongestAutomatic(isAutomatic, LENGTHS)).toBe(said);
  expect(questions).toBeLessThanOrEqual(12);
});

it('ends where the usual duration is no whole minute, and where it is the longest', () => {
  expect(findLongestAutomatic(() => false, { defaultSeconds: 90, maxSeconds: 100 })).toBe(90);
  expect(findLongestAutomatic(() => true, { defaultSeconds: 90, maxSeconds: 90 })).toBeUndefined();
});
