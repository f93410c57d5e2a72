import { describe, expect, it } from 'vitest';
import { ask, openRules } from './questions.ts';

const OFFICE_HOURS = await openRules(`
  @id("office-hours") permit (principal, action == Action::"activate", resource) when {
    context.local.weekday <= 5 && context.local.minutes >= 480 && context.local.minutes < 1080 };`);

const LOST_HOUR = await openRules(`
  @id("lost-hour") permit (principal, action == Action::"activate", resource) when {
    context.local.minutes >= 120 && context.local.minutes < 180 };`);

const SUNDAY_OR_MONDAY = await openRules(`
  @id("sunday") permit (principal, action == Action::"activate", resource) when {
    context.local.weekday == 7 && context.local.date == "2026-11-22" };
  @id("monday") permit (principal, action == Action::"activate", resource) when {
    context.local.weekday == 1 && context.local.date == "2026-11-23" };`);

const at = (instant: string) => ask({ circumstances: { now: Date.parse(instant) } });

describe('office hours in Rome, weekdays 08:00 to 18:00', () => {
  it.each([
    ['Friday before the clocks go forward, 07:59:59', '2026-03-27T06:59:59Z', 'denied'],
    ['Friday before the clocks go forward, 08:00', '2026-03-27T07:00:00Z', 'automatic'],
    ['Friday before the clocks go forward, 17:59:59', '2026-03-27T16:59:59Z', 'automatic'],
    ['Friday before the clocks go forward, 18:00', '2026-03-27T17:00:00Z', 'denied'],
    ['Sunday of the change, 10:00', '2026-03-29T08:00:00Z', 'denied'],
    ['Monday after the clocks went forward, 07:59:59', '2026-03-30T05:59:59Z', 'denied'],
    ['Monday after the clocks went forward, 08:00', '2026-03-30T06:00:00Z', 'automatic'],
    ['Monday after the clocks went forward, 18:00', '2026-03-30T16:00:00Z', 'denied'],
    ['Friday before the clocks go back, 08:00', '2026-10-23T06:00:00Z', 'automatic'],
    ['Friday before the clocks go back, 18:00', '2026-10-23T16:00:00Z', 'denied'],
    ['Sunday of the change, 10:00', '2026-10-25T09:00:00Z', 'denied'],
    ['Monday after the clocks went back, 07:59:59', '2026-10-26T06:59:59Z', 'denied'],
    ['Monday after the clocks went back, 08:00', '2026-10-26T07:00:00Z', 'automatic'],
    ['Monday after the clocks went back, 17:59:59', '2026-10-26T16:59:59Z', 'automatic'],
  ])('%s (%s): %s', (_, instant, outcome) => {
    expect(OFFICE_HOURS.decide(at(instant)).outcome).toBe(outcome);
  });
});

describe('the hour from 02:00 to 03:00 in Rome', () => {
  it('does not come on the night the clocks go forward', () => {
    expect(LOST_HOUR.decide(at('2026-03-29T00:59:59Z')).outcome).toBe('denied');
    expect(LOST_HOUR.decide(at('2026-03-29T01:00:00Z')).outcome).toBe('denied');
  });

  it('comes twice on the night they go back', () => {
    expect(LOST_HOUR.decide(at('2026-10-24T23:59:59Z')).outcome).toBe('denied');
    expect(LOST_HOUR.decide(at('2026-10-25T00:30:00Z')).outcome).toBe('automatic');
    expect(LOST_HOUR.decide(at('2026-10-25T01:30:00Z')).outcome).toBe('automatic');
    expect(LOST_HOUR.decide(at('2026-10-25T02:00:00Z')).outcome).toBe('denied');
  });
});

describe('midnight from Sunday to Monday in Rome', () => {
  it.each([
    ['2026-11-21T22:59:59Z', []],
    ['2026-11-21T23:00:00Z', ['sunday']],
    ['2026-11-22T22:59:59Z', ['sunday']],
    ['2026-11-22T23:00:00Z', ['monday']],
    ['2026-11-23T22:59:59Z', ['monday']],
    ['2026-11-23T23:00:00Z', []],
  ])('at %s the weekday and the date are those of the zone', (instant, rules) => {
    expect(SUNDAY_OR_MONDAY.decide(at(instant)).rules).toEqual(rules);
  });
});
