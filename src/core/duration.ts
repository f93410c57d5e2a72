import { fail } from './errors.ts';
import { LONGEST_ASK_SECONDS } from './limits.ts';
import { type Instant, nextClock, SECOND_MS, UNIT_SECONDS } from './time.ts';

/** When and where a duration is read: `until 17:30` depends on both. */
export type ReadingTime = { readonly now: Instant; readonly timeZone: string };

/**
 * Seconds in `30m`, `2h45m`, `1d`, `90s`, ISO 8601 `PT30M`, or up to `until 17:30`.
 * A bare number, zero and anything over a year throw `bad_duration`.
 */
export function parseDuration(text: string, reading: ReadingTime): number {
  const trimmed = text.trim();
  const seconds = readUntil(trimmed, reading) ?? readFixed(trimmed);
  if (seconds === undefined) throw fail('bad_duration', { text, bare: /^\d+$/.test(trimmed) });
  return seconds;
}

/** As `parseDuration` but without `until`: for configuration, where no clock is at hand. */
export function parseFixedDuration(text: string): number | undefined {
  return readFixed(text.trim());
}

function readUntil(text: string, reading: ReadingTime): number | undefined {
  const match = /^until\s+([01]?\d|2[0-3]):([0-5]\d)$/i.exec(text);
  if (!match) return undefined;
  const at = nextClock(Number(match[1]) * 60 + Number(match[2]), reading);
  return Math.max(1, Math.floor((at - reading.now) / SECOND_MS));
}

function readFixed(text: string): number | undefined {
  return accept(readTyped(text) ?? readIso(text));
}

function readTyped(text: string): number | undefined {
  const match = /^(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?$/i.exec(text);
  return match ? sum(match.slice(1)) : undefined;
}

function readIso(text: string): number | undefined {
  const match = /^P(?:(\d{1,9})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?$/.exec(text);
  return match ? sum(match.slice(1)) : undefined;
}

function sum(parts: readonly (string | undefined)[]): number {
  const sizes = Object.values(UNIT_SECONDS);
  return parts.reduce((total, part, index) => total + Number(part ?? 0) * (sizes[index] ?? 0), 0);
}

function accept(seconds: number | undefined): number | undefined {
  return seconds !== undefined && seconds > 0 && seconds <= LONGEST_ASK_SECONDS ? seconds : undefined;
}
