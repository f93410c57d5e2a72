import { Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { JitError } from '../../../core/errors.ts';
import { PAGE_FORM_BYTES } from '../../../core/limits.ts';
import { limitBody } from '../../http/body-limit.ts';
import { refuseForm } from '../form-refusal.ts';
import { framePages, type PageContext, type PageEnvironment } from '../page-frame.ts';
import { REVIEW_HEADERS } from '../security-headers.ts';
import type { ReviewPageOptions } from './context.ts';
import { buildEventRoutes, type EventRouteOptions } from './event-routes.ts';
import { buildGrantRoutes } from './grants/routes.ts';
import { buildInboxRoutes } from './inbox/routes.ts';
import { describeRefusal } from './refusal.tsx';
import { renderRefusalPage } from './refusal-page.tsx';
import { buildRequestRoutes } from './request/routes.ts';
import { toSentence } from './sentence.ts';

const PATHS = ['/', '/inbox', '/history', '/events', '/requests/*', '/grants', '/grants/*'];

/** The pages for reviewers, requesters and admins. Reading them changes nothing (S13). */
export function createReviewPages(options: EventRouteOptions): Hono<PageEnvironment> {
  const pages = new Hono<PageEnvironment>();
  const limit = limitBody({ maxSize: PAGE_FORM_BYTES, onError: (c) => refuseForm(c, options, 'large') });
  for (const path of PATHS) pages.use(path, framePages(options.url, REVIEW_HEADERS), limit);
  pages.route('/', buildInboxRoutes(options));
  pages.route('/', buildRequestRoutes(options));
  pages.route('/', buildGrantRoutes(options));
  pages.route('/', buildEventRoutes(options));
  pages.onError((error, c) => answerError(c, options, error));
  return pages;
}

/** What the broker refuses, as a page; everything else is for whoever looks after the server. */
function answerError(c: PageContext, { installName }: ReviewPageOptions, error: unknown): Response {
  if (!(error instanceof JitError) || error.status >= 500) throw error;
  const text = c.req.method === 'GET' ? toSentence(error.message) : describeRefusal(error);
  return c.html(renderRefusalPage({ installName, text }), error.status as ContentfulStatusCode) as Response;
}
