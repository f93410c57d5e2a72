import * as v from 'valibot';
import { SCOPE_PATTERN, TARGET_PATTERN } from '../scope.ts';
import { DAY_SECONDS, formatInstant, type Instant, parseInstant } from '../time.ts';

/** The text of an instant, before it is read: RFC 3339. */
export const instantText = v.string();
/** RFC 3339 on the wire, an instant inside. */
export const instant = v.pipe(
  instantText,
  v.rawTransform<string, Instant>(({ dataset, addIssue, NEVER }) => {
    const at = parseInstant(dataset.value);
    if (at !== undefined) return at;
    addIssue({ message: 'is not an RFC 3339 time' });
    return NEVER;
  }),
);

export const scopeName = v.pipe(v.string(), v.regex(SCOPE_PATTERN, 'is not a scope'));
export const targetName = v.pipe(v.string(), v.regex(TARGET_PATTERN, 'is not a target name'));

export const nullableInstant = v.nullable(instant);

/** No text on the wire has a NUL in it: some of it becomes a variable of a child, which cannot hold one. */
export const withoutNul = v.check<string, string>((value) => !value.includes('\0'), 'has a NUL in it');
export const text = v.pipe(v.string(), v.maxLength(4096), withoutNul);
export const nullableText = v.nullable(text);
/** As many names as a person may have groups; what has more is cut before it is sent. */
const MOST_TEXTS = 1_000;
export const texts = v.pipe(v.array(text), v.maxLength(MOST_TEXTS));
export const scopeNames = v.pipe(v.array(scopeName), v.maxLength(MOST_TEXTS));
/** A hundred years: more is no duration of anything here, and added to an instant it must stay one. */
const MOST_SECONDS = 100 * 366 * DAY_SECONDS;
export const seconds = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MOST_SECONDS));
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const outcome = v.picklist(['automatic', 'needs_people', 'denied']);

export function encodeInstant(at: Instant | null): string | null {
  return at === null ? null : formatInstant(at);
}

/** A copy of a list. What a plugin gives instead of one is left as it is, for the schema to refuse (INP-05). */
export function encodeList<T>(list: readonly T[], most = Number.POSITIVE_INFINITY): T[] {
  return (Array.isArray(list) ? list.slice(0, most) : list) as T[];
}

/** A list for `texts`: a forecast of who could approve may name everybody in a company. */
export function encodeTexts(list: readonly string[]): string[] {
  return encodeList(list, MOST_TEXTS);
}
