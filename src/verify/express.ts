import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerRefused, readCall } from './http.ts';
import { readWanted } from './options.ts';
import { noteToken } from './token-of.ts';
import type { Verifier, Wanted } from './verifier.ts';

/** As far as Express, and Connect before it, add to Node's own request. */
type ExpressRequest = IncomingMessage & { readonly originalUrl?: string };

/** Middleware for Express: `app.get('/orders', guardExpress(verifier, { scope }), …)`. */
export function guardExpress(verifier: Verifier, wanted: Wanted = {}) {
  readWanted(wanted);
  return (request: ExpressRequest, response: ServerResponse, next: (error?: unknown) => void): void => {
    const call = readCall(request, request.originalUrl ?? request.url);
    void verifier.verify(call, wanted).then((verdict) => {
      if (!verdict.ok) return answerRefused(response, verdict);
      noteToken(request, verdict.token);
      next();
    });
  };
}
