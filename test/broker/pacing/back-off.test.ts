import { describe, expect, it } from 'vitest';
import { findBackOffMs } from '../../../src/broker/pacing/back-off.ts';

describe('S5: the time to the next attempt', () => {
  it('doubles from a second to the longest, for ever, and differs by up to a quarter from one to the next', () => {
    for (const [attempts, delayMs] of [
      [1, 1_000],
      [2, 2_000],
      [5, 16_000],
      [9, 256_000],
      [10, 300_000],
      [10_000, 300_000],
    ] as const) {
      const all = Array.from({ length: 50 }, (_, index) =>
        findBackOffMs({ id: `gr_${index}`, attempts, longestMs: 300_000 }),
      );
      expect(Math.min(...all)).toBeGreaterThanOrEqual(delayMs);
      expect(Math.max(...all)).toBeLessThanOrEqual(delayMs * 1.25);
      expect(new Set(all).size).toBeGreaterThan(40);
    }
  });
});
