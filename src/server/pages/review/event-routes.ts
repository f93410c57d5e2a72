import { Hono } from 'hono';
import type { Asker } from '../../../broker/parts.ts';
import { streamEvents } from '../../live/event-stream.ts';
import type { Live } from '../../live/live.ts';
import type { PageContext, PageEnvironment } from '../page-frame.ts';
import { findVisitor, findVisitorOf, type Visitor } from '../visitor.ts';
import type { ReviewPageOptions } from './context.ts';

export type EventRouteOptions = ReviewPageOptions & {
  readonly live: Pick<Live, 'feed' | 'seats'>;
  readonly onError: (error: unknown) => void;
};

/** What the script listens to: that something changed that the reader may see. Only a page of ours gets it (APR-07). */
export function buildEventRoutes(options: EventRouteOptions): Hono<PageEnvironment> {
  const pages = new Hono<PageEnvironment>();
  pages.get('/events', async (c) => {
    const site = c.req.header('sec-fetch-site');
    if (site !== undefined && site !== 'same-origin') return c.text('', 403);
    const visitor = await findVisitor(c, options);
    if (!visitor) return c.text('', 401);
    return streamEvents(c, {
      ...options.live,
      broker: options.broker,
      asker: buildAsker(c, options, visitor),
      readAsker: async () => {
        const current = await findVisitorOf(visitor.browserId, options);
        return current && buildAsker(c, options, current);
      },
      onError: options.onError,
    });
  });
  return pages;
}

function buildAsker(c: PageContext, options: ReviewPageOptions, { principal, login }: Visitor): Asker {
  return { principal, login, ip: options.readAddress(c.env.incoming) };
}
