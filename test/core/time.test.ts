import { describe, expect, it } from 'vitest';
import {
  buildLocalTime,
  formatClock,
  formatInstant,
  LOCAL_ZONE,
  nextClock,
  parseInstant,
} from '../../src/core/time.ts';

const ROME = 'Europe/Rome';
/** The tests run in Rome: its clock by name, and by no name. */
const ZONES = [ROME, LOCAL_ZONE];
const MINUTE_MS = 60_000;

function instant(text: string): number {
  return Date.parse(text);
}

describe('instants as text', () => {
  it('are whole seconds in UTC and read back', () => {
    const at = instant('2026-11-21T14:32:05.678Z');
    expect(formatInstant(at)).toBe('2026-11-21T14:32:05Z');
    expect(parseInstant(formatInstant(at))).toBe(instant('2026-11-21T14:32:05Z'));
  });

  it.each(['0001-01-01T00:00:00Z', '9998-12-31T23:59:59Z'])('are written as they were read: %s', (text) => {
    expect(formatInstant(parseInstant(text) ?? 0)).toBe(text);
  });

  it('may carry an offset or fractions', () => {
    expect(parseInstant('2026-11-21T15:32:05+01:00')).toBe(instant('2026-11-21T14:32:05Z'));
    expect(parseInstant('2026-11-21T14:32:05.5Z')).toBe(instant('2026-11-21T14:32:05.500Z'));
  });

  it.each([
    '',
    '2026-11-21',
    '2026-11-21T14:32:05',
    '2026-13-01T00:00:00Z',
    '14:32',
    'tomorrow',
    ' 2026-11-21T14:32:05Z',
    '9999-12-31T23:59:59-14:00',
    '9999-01-01T00:00:00Z',
    '0000-12-31T23:59:59Z',
    '0001-01-01T00:00:00+14:00',
  ])('are refused as %j', (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });
});

describe.each(ZONES)('the wall clock in Rome, as %s', (zone) => {
  it.each([
    ['2026-11-21T14:32:00Z', '2026-11-21', 6, 15 * 60 + 32],
    ['2026-11-22T22:59:59Z', '2026-11-22', 7, 23 * 60 + 59],
    ['2026-11-22T23:00:00Z', '2026-11-23', 1, 0],
    ['2026-03-29T00:59:59Z', '2026-03-29', 7, 1 * 60 + 59],
    ['2026-03-29T01:00:00Z', '2026-03-29', 7, 3 * 60],
    ['2026-10-25T00:30:00Z', '2026-10-25', 7, 2 * 60 + 30],
    ['2026-10-25T01:30:00Z', '2026-10-25', 7, 2 * 60 + 30],
    ['2026-10-25T02:00:00Z', '2026-10-25', 7, 3 * 60],
  ])('at %s shows %s, weekday %i, minute %i', (at, date, weekday, minutes) => {
    expect(buildLocalTime(instant(at), zone)).toEqual({ date, weekday, minutes });
  });

  it('is refused for a zone that does not exist', () => {
    expect(() => buildLocalTime(0, 'Europe/Atlantis')).toThrow(RangeError);
  });
});

describe.each(ZONES)('an end as people read it, in %s', (timeZone) => {
  it.each([
    ['today', '2026-11-21T13:32:00Z', '2026-11-21T10:00:00Z', '14:32'],
    ['tomorrow', '2026-11-22T13:32:00Z', '2026-11-21T10:00:00Z', 'tomorrow 14:32'],
    ['later', '2026-11-23T13:32:00Z', '2026-11-21T10:00:00Z', '2026-11-23 14:32'],
    ['in the past', '2026-11-20T13:32:00Z', '2026-11-21T10:00:00Z', '2026-11-20 14:32'],
    ['just after midnight', '2026-11-21T23:05:00Z', '2026-11-21T10:00:00Z', 'tomorrow 00:05'],
    ['across the month', '2026-11-30T23:05:00Z', '2026-11-30T10:00:00Z', 'tomorrow 00:05'],
    ['two days on, over the short day', '2026-03-29T22:30:00Z', '2026-03-28T22:30:00Z', '2026-03-30 00:30'],
    [
      'tomorrow, at the start of the long day',
      '2026-10-26T08:00:00Z',
      '2026-10-24T22:15:00Z',
      'tomorrow 09:00',
    ],
  ])('%s', (_, at, now, shown) => {
    expect(formatClock(instant(at), { now: instant(now), timeZone })).toBe(shown);
  });
});

describe.each(ZONES)('the next time the clock shows an hour, in %s', (timeZone) => {
  it.each([
    ['later today', '17:30', '2026-11-21T10:00:00Z', '2026-11-21T16:30:00Z'],
    ['tomorrow', '09:00', '2026-11-21T10:00:00Z', '2026-11-22T08:00:00Z'],
    ['not this very instant', '11:00', '2026-11-21T10:00:00Z', '2026-11-22T10:00:00Z'],
    [
      'the evening before the short day, before the change',
      '01:00',
      '2026-03-28T20:00:00Z',
      '2026-03-29T00:00:00Z',
    ],
    ['on the short day, after the change', '09:00', '2026-03-28T20:00:00Z', '2026-03-29T07:00:00Z'],
    ['in the hour that the short day skips', '02:30', '2026-03-28T20:00:00Z', '2026-03-29T01:30:00Z'],
    ['in the hour that the long day repeats', '02:30', '2026-10-24T20:00:00Z', '2026-10-25T00:30:00Z'],
    ['again, in the repeated hour', '02:30', '2026-10-25T00:45:00Z', '2026-10-25T01:30:00Z'],
    ['after the repeated hour', '02:30', '2026-10-25T01:45:00Z', '2026-10-26T01:30:00Z'],
    ['the day after the long day began', '00:10', '2026-10-24T22:15:00Z', '2026-10-25T23:10:00Z'],
  ])('%s', (_, clock, now, at) => {
    expect(formatInstant(nextClock(readMinutes(clock), { now: instant(now), timeZone }))).toBe(at);
  });

  it.each(['2026-03-28T11:00:00Z', '2026-10-24T11:00:00Z'])(
    'is never passed over, minute by minute, in the two days from %s',
    (start) => {
      for (let step = 0; step < 48; step += 1) {
        const now = instant(start) + step * 37 * MINUTE_MS;
        const minutes = (step * 97) % 1440;
        if (minutes >= 120 && minutes < 180) continue;
        expect(nextClock(minutes, { now, timeZone })).toBe(searchClock(minutes, now));
      }
    },
  );
});

function readMinutes(clock: string): number {
  const [hours, minutes] = clock.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

/** The slow way: look at the clock once a minute. */
function searchClock(minutes: number, now: number): number {
  let at = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  do at += MINUTE_MS;
  while (buildLocalTime(at, ROME).minutes !== minutes);
  return at;
}
