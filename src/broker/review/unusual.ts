import { formatDuration } from '../../core/duration-text.ts';
import type { AccessRequest } from '../../core/request.ts';
import { buildLocalTime, HOUR_SECONDS, SECOND_MS } from '../../core/time.ts';

const DAY_MS = 24 * HOUR_SECONDS * SECOND_MS;
const MINUTES_OF_DAY = 24 * 60;
/** Fewer earlier requests than this say nothing about somebody's hours. */
const ENOUGH_FOR_HABITS = 5;
const WIDE_OF_HABIT_MINUTES = 180;

/** What is different from what this person did before, a sentence each. A help to look closer; it decides nothing. */
export function listUnusual(
  request: AccessRequest,
  earlier: readonly AccessRequest[],
  timeZone: string,
): readonly string[] {
  if (earlier.length === 0) return ["this person's first request here"];
  return [
    ...describeNewScopes(request, earlier),
    ...describeLonger(request, earlier),
    ...describeHour(request, earlier, timeZone),
    ...describeAddress(request, earlier),
    ...describeDenied(request, earlier),
  ];
}

function describeNewScopes(request: AccessRequest, earlier: readonly AccessRequest[]): readonly string[] {
  const before = new Set(
    earlier.filter(({ target }) => target === request.target).flatMap(({ originally }) => originally.scopes),
  );
  const isNew = request.originally.scopes.filter((scope) => !before.has(scope));
  if (isNew.length === 0) return [];
  return [`never asked for ${isNew.join(', ')} on ${request.target} before`];
}

function describeLonger(request: AccessRequest, earlier: readonly AccessRequest[]): readonly string[] {
  const same = earlier.filter(({ target }) => target === request.target);
  const longest = Math.max(0, ...same.map(({ originally }) => originally.durationSeconds));
  const { durationSeconds } = request.originally;
  if (longest === 0 || durationSeconds <= longest) return [];
  return [
    `${formatDuration(durationSeconds)} is longer than any earlier request here (${formatDuration(longest)})`,
  ];
}

function describeHour(
  request: AccessRequest,
  earlier: readonly AccessRequest[],
  timeZone: string,
): readonly string[] {
  if (earlier.length < ENOUGH_FOR_HABITS) return [];
  const { minutes } = buildLocalTime(request.createdAt, timeZone);
  const nearest = Math.min(
    ...earlier.map(({ createdAt }) => measureApart(minutes, buildLocalTime(createdAt, timeZone).minutes)),
  );
  return nearest > WIDE_OF_HABIT_MINUTES ? ['at an hour at which this person never asked before'] : [];
}

/** Round the clock: 23:30 and 00:30 are an hour apart. */
function measureApart(left: number, right: number): number {
  const apart = Math.abs(left - right);
  return Math.min(apart, MINUTES_OF_DAY - apart);
}

function describeAddress({ origin }: AccessRequest, earlier: readonly AccessRequest[]): readonly string[] {
  const isKnown = earlier.some((other) => other.origin.ip === origin.ip);
  return isKnown ? [] : [`from ${origin.ip}, an address not seen with this person before`];
}

function describeDenied(request: AccessRequest, earlier: readonly AccessRequest[]): readonly string[] {
  const denied = earlier.filter(
    ({ state, target, createdAt }) =>
      state === 'denied' && target === request.target && request.createdAt - createdAt < DAY_MS,
  );
  if (denied.length === 0) return [];
  return [
    `denied ${denied.length === 1 ? 'once' : `${denied.length} times`} on ${request.target} in the last day`,
  ];
}
