import { createHash } from 'node:crypto';
import type { Asked } from '../request.ts';

/** SHA-256 over the canonical JSON of a value, base64url: equal values give equal digests. */
export function digestValue(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('base64url');
}

/** One hash over who asked for what: page, token and audit show the same one (APR-03). */
export function digestAsked(asked: Asked, requestedBy: string): string {
  const { scopes, target, durationSeconds, reason, ticket, extendsGrantId, breakGlass } = asked;
  return digestValue({
    scopes: [...scopes].sort(),
    target,
    durationSeconds,
    reason,
    ticket,
    extendsGrantId,
    breakGlass,
    requestedBy,
  });
}

/** JSON with sorted keys and no white space, so that one value has one text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
  return `{${entries.join(',')}}`;
}

/** Do the two say the same? Most that are asked about are written the same, too, which is seen sooner. */
export function isSameValue(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right) || canonicalJson(left) === canonicalJson(right);
}
