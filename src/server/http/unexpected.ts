import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { fail, JitError } from '../../core/errors.ts';
import type { ApiEnvironment } from '../api/context.ts';
import { isPassing, UNAVAILABLE } from '../oauth/provider/unavailable.ts';
import { renderErrorPage } from '../pages/error-page.tsx';
import { renderRefusalPage } from '../pages/review/refusal-page.tsx';
import { SECURITY_HEADERS } from '../pages/security-headers.ts';
import { isClientFault } from './client-fault.ts';
import { answerProblem } from './respond.ts';

export type UnexpectedOptions = {
  readonly installName: string;
  /** Told of what is nobody's request's fault. */
  readonly onError: (error: unknown) => void;
};

/**
 * Makes the answer to whatever a page or a token endpoint threw: a page for people, the error of RFC 6749 §5.2 for
 * programs. Neither says what went wrong here. `/v1` has its own.
 */
export function createErrorAnswer(
  options: UnexpectedOptions,
): (error: unknown, c: Context<ApiEnvironment>) => Response {
  return (error, c) => {
    if (!(error instanceof JitError) && !isClientFault(error, c.env?.incoming)) options.onError(error);
    if (c.req.path.startsWith('/oauth/')) {
      c.header('cache-control', 'no-store');
      return answerOAuth(c, error);
    }
    sendHeaders(c);
    return answerPage(c, { error, installName: options.installName });
  };
}

/** What the client did, or may do later, is said with its own status; what went wrong here is not. */
function answerOAuth(c: Context<ApiEnvironment>, error: unknown): Response {
  if (isPassing(error)) return c.json(UNAVAILABLE.body, UNAVAILABLE.status, UNAVAILABLE.headers);
  if (!isRefusal(error)) return c.json({ error: 'server_error' }, 500);
  sendRetryAfter(c, error);
  const code = error.afterSeconds === undefined ? 'invalid_request' : UNAVAILABLE.body.error;
  return c.json({ error: code, error_description: error.message }, error.status as ContentfulStatusCode);
}

function isRefusal(error: unknown): error is JitError {
  return error instanceof JitError && error.status < 500;
}

function sendRetryAfter(c: Context<ApiEnvironment>, { afterSeconds }: JitError): void {
  if (afterSeconds !== undefined) c.header('retry-after', String(afterSeconds));
}

function answerPage(
  c: Context<ApiEnvironment>,
  { error, installName }: { readonly error: unknown; readonly installName: string },
): Response {
  if (isPassing(error)) {
    const text = 'The server cannot use its store now. What you sent may not have been kept.';
    const hint = 'Try again in a moment.';
    const page = renderErrorPage({ title: UNAVAILABLE.body.error, text, hint, installName });
    return c.html(page, UNAVAILABLE.status, UNAVAILABLE.headers) as Response;
  }
  if (isRefusal(error)) {
    sendRetryAfter(c, error);
    const hint = error.afterSeconds === undefined ? '' : 'Try again in a moment.';
    const page = renderErrorPage({ title: error.code, text: error.message, hint, installName });
    return c.html(page, error.status as ContentfulStatusCode) as Response;
  }
  const text = 'Something went wrong at the server, and whoever looks after it was told.';
  const page = renderErrorPage({ title: 'server error', text, installName });
  return c.html(page, 500) as Response;
}

/** Makes the answer to an address that there is not: a page for a browser that wants one, a problem for programs. */
export function createMissingAnswer({
  installName,
}: Pick<UnexpectedOptions, 'installName'>): (c: Context<ApiEnvironment>) => Response {
  return (c) => {
    sendHeaders(c);
    const isPage = !/^\/(v1|oauth)\//.test(c.req.path) && c.req.header('accept')?.includes('text/html');
    if (!isPage) return answerProblem(c, fail('not_found', { what: `${c.req.method} ${c.req.path}` }));
    const page = renderRefusalPage({ installName, text: 'There is no such page here.' });
    return c.html(page, 404) as Response;
  };
}

function sendHeaders(c: Context<ApiEnvironment>): void {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.header(name, value);
  c.header('cache-control', 'no-store');
}
