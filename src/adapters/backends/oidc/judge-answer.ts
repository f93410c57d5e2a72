import type { OidcChoice } from '../../../core/client-config.ts';
import { fail, type JitError } from '../../../core/errors.ts';
import type { Submission } from '../../../core/ports/backend.ts';
import type { ProviderToken } from '../../../core/ports/provider.ts';
import { type Instant, SECOND_MS } from '../../../core/time.ts';
import { judgeDetails } from './judge-details.ts';

export type Answered = {
  readonly choice: OidcChoice;
  readonly submission: Submission;
  readonly given: ProviderToken;
  readonly at: Instant;
};

/** What is shown: never more than was asked for, and never more than each part of the answer says was given. */
export type JudgedAnswer =
  | { readonly ok: true; readonly scopes: readonly string[]; readonly expiresAt: Instant }
  | { readonly ok: false; readonly error: JitError };

/** Puts a token, its scope and its `authorization_details` (RFC 9396 §7) together, as the grant that they make. */
export function judgeAnswer({ choice, submission, given, at }: Answered): JudgedAnswer {
  const refuse = (why: string): JudgedAnswer => ({
    ok: false,
    error: fail('bad_answer', { address: choice.issuer, why }),
  });
  const more = given.scopes.filter((scope) => !submission.scopes.includes(scope));
  if (more.length > 0) return refuse(`it gave more than was asked for: ${more.join(' ')}`);
  const details = judgeDetails(given.details, { choice, submission });
  if (!details.ok) return refuse(details.why);
  const scopes = given.scopes.filter((scope) => details.actions.includes(scope));
  if (scopes.length === 0) return { ok: false, error: describeNothing(choice, submission) };
  const detailsEndAt = at + details.durationSeconds * SECOND_MS;
  return { ok: true, scopes, expiresAt: Math.min(given.expiresAt, detailsEndAt) };
}

function describeNothing({ issuer }: OidcChoice, submission: Submission): JitError {
  return fail('denied', {
    id: submission.scopes.join(' '),
    why: `${issuer} gave none of it`,
    next: 'ask whoever runs the provider who may have this',
  });
}
