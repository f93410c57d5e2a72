import type { KoaContextWithOIDC } from 'oidc-provider';
import { JitError } from '../../../core/errors.ts';

const UNAVAILABLE_STATUS = 503;
const AGAIN_AFTER_SECONDS = 2;

/** The error of RFC 6749 §4.1.2.1 for what is over soon: clients that hear it keep what they hold, and ask again. */
export const UNAVAILABLE = {
  status: UNAVAILABLE_STATUS,
  body: {
    error: 'temporarily_unavailable',
    error_description: 'the server cannot use its store now; try again',
  },
  headers: { 'retry-after': String(AGAIN_AFTER_SECONDS), 'cache-control': 'no-store' },
} as const;

/** Is it something of the server's, its store for one, that cannot do its part now? */
export function isPassing(error: unknown): error is JitError {
  return error instanceof JitError && error.status === UNAVAILABLE_STATUS;
}

/** Puts it in place of the provider's answer; false where the error is another one, and nothing is changed. */
export function answerUnavailable(
  context: Pick<KoaContextWithOIDC, 'status' | 'body' | 'set' | 'response'>,
  { error, renderPage }: { readonly error: unknown; readonly renderPage: (text: string) => string },
): boolean {
  if (!isPassing(error)) return false;
  const isPage = context.response.is('html') === 'html';
  context.status = UNAVAILABLE.status;
  context.set(UNAVAILABLE.headers);
  context.body = isPage ? renderPage(UNAVAILABLE.body.error_description) : UNAVAILABLE.body;
  return true;
}
