import { describe, expect, it } from 'vitest';
import { SCRIPT_MOMENTS } from '../../../src/server/assets/script-moments.ts';
import { formatDistance } from '../../../src/server/pages/review/moments.tsx';

const NOW = Date.parse('2026-11-21T14:00:00Z');
const SECONDS = [1, 9, 10, 59, 60, 119, 3599, 3600, 3661, 7200, 86_399, 86_400, 200_000];

/** The function as the script has it, on a page that was made at that moment. */
const tellDistance = new Function(
  'document',
  'performance',
  'setInterval',
  `${SCRIPT_MOMENTS}return tellDistance;`,
)({ body: { dataset: { now: String(NOW) } } }, { now: () => 0 }, () => 0) as (at: number) => string;

describe('how long from now, or ago', () => {
  it.each(SECONDS)('is said by the script as by the server: %i s', (seconds) => {
    for (const at of [NOW - seconds * 1000, NOW + seconds * 1000]) {
      expect(tellDistance(at)).toBe(formatDistance(at, NOW));
    }
  });

  it('is rounded down', () => {
    const tell = (seconds: number) => formatDistance(NOW + seconds * 1000, NOW);
    expect([59, 119, 3599, 3661, 86_400].map(tell)).toEqual([
      'in 59 s',
      'in 1 min',
      'in 59 min',
      'in 1 h 1 min',
      'in 1 d',
    ]);
    expect([formatDistance(NOW, NOW), formatDistance(NOW - 90_000, NOW)]).toEqual(['just now', '1 min ago']);
  });
});
