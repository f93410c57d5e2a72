import type { Context } from 'hono';
import type { ApiEnvironment } from './context.ts';

/** Aborted when the client leaves before it has its answer. hono's own would make the whole request anew for it. */
export function readGone(c: Context<ApiEnvironment>): AbortSignal {
  const { outgoing } = c.env;
  if (!outgoing) return c.req.raw.signal;
  const gone = new AbortController();
  const judge = (): void => {
    if (!outgoing.writableFinished) gone.abort();
  };
  // Who left while it was proved who they are is not waited with either.
  if (outgoing.closed) judge();
  else outgoing.once('close', judge);
  return gone.signal;
}
