import { readWanted } from './options.ts';
import { noteToken } from './token-of.ts';
import type { Verifier, Wanted } from './verifier.ts';

type HonoContext = {
  readonly req: {
    readonly method: string;
    readonly url: string;
    readonly raw: Request;
    header(name: string): string | undefined;
  };
};

/** Middleware for Hono, on whatever it runs: `app.get('/orders', guardHono(verifier, { scope }), …)`. */
export function guardHono(verifier: Verifier, wanted: Wanted = {}) {
  readWanted(wanted);
  return async (c: HonoContext, next: () => Promise<void>): Promise<Response | undefined> => {
    const { req } = c;
    const verdict = await verifier.verify(
      {
        method: req.method,
        path: new URL(req.url).pathname,
        authorization: req.header('authorization'),
        proof: req.header('dpop'),
      },
      wanted,
    );
    if (!verdict.ok)
      return new Response(verdict.body, { status: verdict.status, headers: { ...verdict.headers } });
    noteToken(req.raw, verdict.token);
    await next();
    return undefined;
  };
}
