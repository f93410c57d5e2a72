import type { IncomingMessage, ServerResponse } from 'node:http';
import { readWanted } from './options.ts';
import type { Refused } from './refusal.ts';
import { noteToken } from './token-of.ts';
import type { IncomingCall, Verifier, Wanted } from './verifier.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** For Node's own server: calls the handler for requests with a good token, and answers the others. */
export function guardHttp(verifier: Verifier, wanted: Wanted, handle: Handler): Handler {
  readWanted(wanted);
  return (request, response) => {
    void verifier.verify(readCall(request, request.url), wanted).then((verdict) => {
      if (!verdict.ok) return answerRefused(response, verdict);
      noteToken(request, verdict.token);
      handle(request, response);
    });
  };
}

/** `path` where a framework has changed the request's own. */
export function readCall(
  { method = '', headers }: Pick<IncomingMessage, 'method' | 'headers'>,
  path: string | undefined,
): IncomingCall {
  const { authorization, dpop } = headers;
  return { method, path: path ?? '', authorization, proof: Array.isArray(dpop) ? dpop.join() : dpop };
}

export function answerRefused(response: ServerResponse, { status, headers, body }: Refused): void {
  // Whoever waits no longer than a second for anything has answered meanwhile, and a second answer would throw.
  if (response.headersSent) return;
  response.writeHead(status, { ...headers }).end(body);
}
