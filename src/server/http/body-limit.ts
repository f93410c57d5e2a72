import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';

type Limit = Parameters<typeof bodyLimit>[0];

/**
 * Refuses a body that is too large before it is read. One that says its length is judged by that, which Node holds it to:
 * nothing touches the stream then, and it can be read the short way.
 */
export function limitBody(limit: Limit): MiddlewareHandler {
  const count = bodyLimit(limit);
  return async (c, next) => {
    const length = readLength((name) => c.req.header(name));
    if (length === undefined || !limit.onError) return count(c, next);
    return length > limit.maxSize ? limit.onError(c) : next();
  };
}

/** What a request says of its body's length, where that is what holds; undefined for a body without one. */
export function readLength(readHeader: (name: string) => string | undefined): number | undefined {
  const length = readHeader('content-length');
  if (length === undefined || readHeader('transfer-encoding') !== undefined) return undefined;
  return /^\d{1,15}$/.test(length) ? Number(length) : Number.POSITIVE_INFINITY;
}
