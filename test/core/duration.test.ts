import { describe, expect, it } from 'vitest';
import { parseDuration, parseFixedDuration } from '../../src/core/duration.ts';
import { formatDuration, formatTypedDuration } from '../../src/core/duration-text.ts';

const reading = { now: Date.parse('2026-11-21T10:00:00Z'), timeZone: 'Europe/Rome' };

describe('a duration is read', () => {
  it.each([
    ['30m', 1800],
    ['2h45m', 9900],
    ['1d', 86_400],
    ['90s', 90],
    ['1d2h3m4s', 93_784],
    [' 30m ', 1800],
    ['30M', 1800],
    ['PT30M', 1800],
    ['PT1H30M', 5400],
    ['P1D', 86_400],
    ['P1DT12H', 129_600],
    ['PT45S', 45],
    ['366d', 366 * 86_400],
    ['until 17:30', 6.5 * 3600],
    ['until 9:05', 79_500],
    ['UNTIL 11:01', 60],
  ])('from %j', (text, seconds) => {
    expect(parseDuration(text, reading)).toBe(seconds);
  });

  it('up to a clock time as long as that really is when the clock changes in between', () => {
    const evening = { now: Date.parse('2026-03-28T20:00:00Z'), timeZone: 'Europe/Rome' };
    expect(parseDuration('until 09:00', evening)).toBe(11 * 3600);
  });

  it('without a clock everywhere but after "until"', () => {
    expect(parseFixedDuration('PT30M')).toBe(1800);
    expect(parseFixedDuration('until 17:30')).toBeUndefined();
  });
});

describe('a duration is refused', () => {
  it.each([
    '',
    ' ',
    '0m',
    '0s',
    'PT0S',
    '-30m',
    '1.5h',
    '30 m',
    '30min',
    '5w',
    'm30',
    '30m2h',
    '30m30m',
    'P',
    'PT',
    'P1DT',
    'pt30m',
    'P1M',
    'P1Y',
    '367d',
    '999999999d',
    '9999999999999s',
    'until',
    'until 24:00',
    'until 17:60',
    'until 17',
    'until tomorrow',
    'forever',
    '３０m',
    '30m\u0000',
    'NaN',
    'Infinity',
    '1e3s',
  ])('as %j', (text) => {
    expect(() => parseDuration(text, reading)).toThrow(expect.objectContaining({ code: 'bad_duration' }));
  });

  it('as a bare number, with both things it could have meant', () => {
    expect(() => parseDuration('30', reading)).toThrow(
      expect.objectContaining({
        message: '"30" has no unit',
        hint: 'write 30m for minutes or 30h for hours',
      }),
    );
  });
});

describe('a duration is shown', () => {
  it.each([
    [0, '0 s'],
    [45, '45 s'],
    [90, '1 min 30 s'],
    [1800, '30 min'],
    [9900, '2 h 45 min'],
    [86_400, '1 d'],
    [90_061, '1 d 1 h 1 min'],
    [-5, '0 s'],
  ])('%i seconds as %j', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it('in the form that is typed, which reads back to the same', () => {
    for (const seconds of [1, 59, 60, 61, 1800, 3599, 9900, 86_399, 86_400, 93_784, 366 * 86_400]) {
      expect(parseFixedDuration(formatTypedDuration(seconds))).toBe(seconds);
    }
  });
});
