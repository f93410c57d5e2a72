import type { Context } from 'hono';
import { JitError } from '../core/errors.ts';
import type { ApiEnvironment } from './api/context.ts';
import { isClientFault } from './client-fault.ts';
import { renderErrorPage } from './pages/error-page.tsx';
import { SECURITY_HEADERS } from './pages/security-headers.ts';

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
    c.header('cache-control', 'no-store');
    if (c.req.path.startsWith('/oauth/')) return c.json({ error: 'server_error' }, 500);
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.header(name, value);
    const text = 'Something went wrong at the server, and whoever looks after it was told.';
    const page = renderErrorPage({ title: 'server error', text, installName: options.installName });
    return c.html(page, 500) as Response;
  };
}
