import type { Context } from 'hono';
import { fail, JitError } from '../core/errors.ts';
import type { ApiEnvironment } from './api/context.ts';
import { isClientFault } from './client-fault.ts';
import { isPassing, UNAVAILABLE } from './oauth/unavailable.ts';
import { renderErrorPage } from './pages/error-page.tsx';
import { renderRefusalPage } from './pages/review/refusal-page.tsx';
import { SECURITY_HEADERS } from './pages/security-headers.ts';
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
      if (isPassing(error)) return c.json(UNAVAILABLE.body, UNAVAILABLE.status, UNAVAILABLE.headers);
      c.header('cache-control', 'no-store');
      return c.json({ error: 'server_error' }, 500);
    }
    sendHeaders(c);
    return answerPage(c, { error, installName: options.installName });
  };
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
