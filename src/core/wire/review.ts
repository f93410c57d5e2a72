import * as v from 'valibot';
import {
  LONGEST_ASK_SECONDS,
  LONGEST_DIGEST_CHARACTERS,
  LONGEST_TEXT_BYTES,
  MOST_SCOPES,
} from '../limits.ts';
import type { Approval } from '../ports/backend.ts';
import { scopeName } from './fields.ts';

const said = v.pipe(v.string(), v.maxBytes(LONGEST_TEXT_BYTES));

/** What a reviewer lets through; what is left out stays as it was asked. `digest` is of what was looked at (APR-03). */
export const approveMessage = v.strictObject({
  scopes: v.optional(v.nullable(v.pipe(v.array(scopeName), v.minLength(1), v.maxLength(MOST_SCOPES))), null),
  duration_seconds: v.optional(
    v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(LONGEST_ASK_SECONDS))),
    null,
  ),
  reason: v.optional(v.nullable(said), null),
  digest: v.pipe(v.string(), v.minLength(1), v.maxLength(LONGEST_DIGEST_CHARACTERS)),
});

export const denyMessage = v.strictObject({ reason: said });

/** What somebody else says of break-glass when it is over. */
export const laterReviewMessage = v.strictObject({
  outcome: v.picklist(['accepted', 'objected']),
  reason: said,
});

export function encodeApproval(approval: Approval): v.InferInput<typeof approveMessage> {
  return {
    scopes: approval.scopes && [...approval.scopes],
    duration_seconds: approval.durationSeconds,
    reason: approval.reason,
    digest: approval.digest,
  };
}
