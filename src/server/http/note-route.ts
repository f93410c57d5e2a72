import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { findRequest } from './request-context.ts';

/** Notes by which route a request was answered, as it was written; none where there was only what is done for all. */
export const noteRoute: MiddlewareHandler = async (c, next) => {
  await next();
  const request = findRequest();
  if (!request) return;
  const last = matchedRoutes(c).findLast(({ method }) => method !== 'ALL');
  request.route = last?.path;
};
