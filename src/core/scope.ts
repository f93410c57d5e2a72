/** `<environment>:<resource>.<action>`, one OAuth scope token (RFC 6749 §3.3). */
export type Scope = string;

/** What a scope looks like; `isScope` is the question. */
export const SCOPE_PATTERN = /^[a-z0-9][a-z0-9_-]{0,31}:[a-z0-9][a-z0-9_-]{0,31}\.[a-z0-9][a-z0-9_-]{0,31}$/;
export const TARGET_PATTERN = /^[a-z0-9][a-z0-9_-]{0,62}$/;

export function isScope(text: string): boolean {
  return SCOPE_PATTERN.test(text);
}

export function isTargetName(text: string): boolean {
  return TARGET_PATTERN.test(text);
}

/** The closest of `known` that a typing error could have meant; undefined when nothing is close. */
export function findNearest(text: string, known: readonly string[]): string | undefined {
  const reach = Math.max(2, Math.floor(text.length / 3));
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of known) {
    const distance = editDistance(text, name);
    if (distance <= reach && (!best || distance < best.distance)) best = { name, distance };
  }
  return best?.name;
}

function editDistance(left: string, right: string): number {
  if (Math.abs(left.length - right.length) > 32) return Number.POSITIVE_INFINITY;
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const substitution = (previous[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, substitution));
    }
    previous = row;
  }
  return previous[right.length] ?? 0;
}

/** The same scopes? Lists of scopes are kept in one order. */
export function isSameScopes(left: readonly string[], right: readonly string[]): boolean {
  return left.join(' ') === right.join(' ');
}
