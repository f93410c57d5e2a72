import type { IncomingMessage } from 'node:http';
import { readCall } from './http.ts';
import { readWanted } from './options.ts';
import { noteToken } from './token-of.ts';
import type { Verifier, Wanted } from './verifier.ts';

type FastifyRequest = { readonly raw: IncomingMessage; readonly originalUrl: string };
type FastifyReply = {
  code(status: number): FastifyReply;
  headers(values: Readonly<Record<string, string>>): FastifyReply;
  send(body: string): FastifyReply;
};

/** A hook for Fastify: `app.get('/orders', { onRequest: guardFastify(verifier, { scope }) }, …)`. */
export function guardFastify(verifier: Verifier, wanted: Wanted = {}) {
  readWanted(wanted);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const verdict = await verifier.verify(readCall(request.raw, request.originalUrl), wanted);
    // What a hook returns is the answer.
    if (!verdict.ok)
      return reply
        .code(verdict.status)
        .headers({ ...verdict.headers })
        .send(verdict.body);
    noteToken(request.raw, verdict.token);
    return undefined;
  };
}
