import * as v from 'valibot';
import { formatInstant, type Instant, parseInstant } from '../time.ts';

/** RFC 3339 on the wire, an instant inside. */
export const instant = v.pipe(
  v.string(),
  v.rawTransform<string, Instant>(({ dataset, addIssue, NEVER }) => {
    const at = parseInstant(dataset.value);
    if (at !== undefined) return at;
    addIssue({ message: 'is not an RFC 3339 time' });
    return NEVER;
  }),
);

export const nullableInstant = v.nullable(instant);

export const text = v.pipe(v.string(), v.maxLength(4096));
export const nullableText = v.nullable(text);
export const texts = v.pipe(v.array(text), v.maxLength(256));
export const seconds = v.pipe(v.number(), v.integer(), v.minValue(0));
export const count = seconds;
export const outcome = v.picklist(['automatic', 'needs_people', 'denied']);

export function encodeInstant(at: Instant | null): string | null {
  return at === null ? null : formatInstant(at);
}
