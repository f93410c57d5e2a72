/** Milliseconds since the Unix epoch, UTC. The only form in which an instant travels inside jit. */
export type Instant = number;

export const SECOND_MS = 1000;
export const MINUTE_SECONDS = 60;
export const HOUR_SECONDS = 3600;
export const DAY_SECONDS = 86_400;
const DAY_MS = DAY_SECONDS * SECOND_MS;

/** The units that a duration is typed in, largest first. */
export const UNIT_SECONDS = { d: DAY_SECONDS, h: HOUR_SECONDS, m: MINUTE_SECONDS, s: 1 } as const;

/** RFC 3339 in UTC, whole seconds: the form of every instant that leaves the program. */
export function formatInstant(at: Instant): string {
  // Plugins are not all written in TypeScript, and `new Date(null)` is a time.
  if (typeof at !== 'number') throw new RangeError('that is no instant');
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

// The years 1 to 9998: at the edges an offset leads to a year that has no four digits, which nothing reads back.
const EARLIEST = Date.parse('0001-01-01T00:00:00Z');
const LATEST = Date.parse('9998-12-31T23:59:59Z');

/** Reads what `formatInstant` wrote; undefined for anything that is not RFC 3339 with a zone, in the years 1 to 9998. */
export function parseInstant(text: string): Instant | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text)) return undefined;
  const at = Date.parse(text);
  return at >= EARLIEST && at <= LATEST ? at : undefined;
}

/** What a wall clock in a time zone shows. `weekday` is ISO: Monday 1 to Sunday 7. */
export type LocalTime = {
  readonly date: string;
  readonly weekday: number;
  readonly minutes: number;
};

/**
 * The zone of this process, by no name: finding its name, or using any named zone, loads `Intl` and takes 12 ms, which
 * is much for a command that shows one time.
 */
export const LOCAL_ZONE = 'local';

const partsFormats = new Map<string, Intl.DateTimeFormat>();

function partsFormat(timeZone: string): Intl.DateTimeFormat {
  const known = partsFormats.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  partsFormats.set(timeZone, made);
  return made;
}

type Offset = { readonly minute: number; readonly ms: number };

/** The last one of each zone: many ask about the same minute, and `Intl` takes longer than what is done with the answer. */
const offsets = new Map<string, Offset>();

/** How far the wall clock is ahead of UTC. Throws `RangeError` for a zone that this Node does not know. */
function offsetMs(at: Instant, timeZone: string): number {
  if (timeZone === LOCAL_ZONE) return -new Date(at).getTimezoneOffset() * MINUTE_SECONDS * SECOND_MS;
  const minute = Math.floor(at / (MINUTE_SECONDS * SECOND_MS));
  const known = offsets.get(timeZone);
  if (known?.minute === minute) return known.ms;
  const ms = findOffsetMs(at, timeZone);
  offsets.set(timeZone, { minute, ms });
  return ms;
}

function findOffsetMs(at: Instant, timeZone: string): number {
  const parts = Object.fromEntries(
    partsFormat(timeZone)
      .formatToParts(at)
      .map((part) => [part.type, Number(part.value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  return wall - Math.floor(at / SECOND_MS) * SECOND_MS;
}

/** The wall clock at an instant. Throws `RangeError` for a zone that this Node does not know. */
export function buildLocalTime(at: Instant, timeZone: string): LocalTime {
  const wall = new Date(at + offsetMs(at, timeZone));
  return {
    date: wall.toISOString().slice(0, 10),
    // Sunday is 0 here and 7 in ISO.
    weekday: wall.getUTCDay() || 7,
    minutes: wall.getUTCHours() * MINUTE_SECONDS + wall.getUTCMinutes(),
  };
}

/** `14:32` today, `tomorrow 14:32`, else `2026-11-21 14:32`; always in the reader's own zone. */
export function formatClock(
  at: Instant,
  options: { readonly now: Instant; readonly timeZone: string },
): string {
  const local = buildLocalTime(at, options.timeZone);
  const clock = `${pad(Math.floor(local.minutes / 60))}:${pad(local.minutes % 60)}`;
  if (local.date === buildLocalTime(options.now, options.timeZone).date) return clock;
  const tomorrow = addDays(buildLocalTime(options.now, options.timeZone).date, 1);
  return local.date === tomorrow ? `tomorrow ${clock}` : `${local.date} ${clock}`;
}

/**
 * The next instant at which the wall clock shows `minutes` after midnight. Where a daylight-saving change repeats
 * them, the first of the two that is still to come; where it skips them, they move forward with the clock.
 */
export function nextClock(
  minutes: number,
  options: { readonly now: Instant; readonly timeZone: string },
): Instant {
  const { date } = buildLocalTime(options.now, options.timeZone);
  const wanted = Date.parse(`${date}T00:00:00Z`) + minutes * MINUTE_SECONDS * SECOND_MS;
  const coming = [wanted, wanted + DAY_MS]
    .flatMap((wall) => listInstants(wall, options.timeZone))
    .filter((at) => at > options.now);
  return Math.min(...coming);
}

/** When the wall clock shows this; `wall` is written as if the zone were UTC. Once, or twice where it is repeated. */
function listInstants(wall: number, timeZone: string): readonly Instant[] {
  // No zone changes twice within two days, so these are the only offsets that can hold here.
  const candidates = [wall - DAY_MS, wall + DAY_MS].map((at) => wall - offsetMs(at, timeZone));
  const shown = candidates.filter((at) => at + offsetMs(at, timeZone) === wall);
  return shown.length > 0 ? shown : candidates.slice(0, 1);
}

function addDays(date: string, days: number): string {
  return formatInstant(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).slice(0, 10);
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
