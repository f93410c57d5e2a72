import { type Context, Hono } from 'hono';
import { readDossier } from '../../broker/review/dossier.ts';
import { approve, deny } from '../../broker/review/review.ts';
import { reviewAfterwards } from '../../broker/review/review-afterwards.ts';
import { viewRequest } from '../../broker/view/view.ts';
import type { AccessRequest } from '../../core/request.ts';
import { encodeDossier } from '../../core/wire/dossier.ts';
import { encodeRequest } from '../../core/wire/request.ts';
import { approveMessage, denyMessage, laterReviewMessage } from '../../core/wire/review.ts';
import { readBody } from '../http/respond.ts';
import type { ApiEnvironment, ApiParts } from './context.ts';
import { hasReviewed, hasReviewedAfterwards, orRepeated } from './repeated-review.ts';

/** What reviewers read and do about one request. */
export function buildReviewRoutes({ broker, authenticate }: ApiParts): Hono<ApiEnvironment> {
  const app = new Hono<ApiEnvironment>();
  const answer = async (c: Context, request: AccessRequest): Promise<Response> =>
    c.json({ request: encodeRequest(await viewRequest(broker, request)) });

  app.get('/v1/requests/:id/dossier', async (c) => {
    const asker = await authenticate(c);
    return c.json(encodeDossier(await readDossier(broker, asker, c.req.param('id'))));
  });

  app.post('/v1/requests/:id/approve', async (c) => {
    const asker = await authenticate(c);
    const { scopes, duration_seconds: durationSeconds, reason, digest } = await readBody(c, approveMessage);
    const requestId = c.req.param('id');
    const said = { asker, scopes, durationSeconds, reason };
    const done = approve(broker, { ...said, requestId, way: 'cli', digest });
    const isOwnDoing = (request: AccessRequest): boolean =>
      hasReviewed(request, { ...said, outcome: 'approved' });
    return answer(c, await orRepeated(broker, { requestId, done }, isOwnDoing));
  });

  app.post('/v1/requests/:id/deny', async (c) => {
    const asker = await authenticate(c);
    const { reason } = await readBody(c, denyMessage);
    const requestId = c.req.param('id');
    const done = deny(broker, { asker, requestId, way: 'cli', reason });
    const said = { asker, reason, scopes: null, durationSeconds: null, outcome: 'denied' } as const;
    return answer(c, await orRepeated(broker, { requestId, done }, (request) => hasReviewed(request, said)));
  });

  app.post('/v1/requests/:id/review', async (c) => {
    const asker = await authenticate(c);
    const { outcome, reason } = await readBody(c, laterReviewMessage);
    const requestId = c.req.param('id');
    const said = { asker, outcome, reason };
    const done = reviewAfterwards(broker, { ...said, requestId, way: 'cli' });
    const isOwnDoing = (request: AccessRequest): boolean => hasReviewedAfterwards(request, said);
    return answer(c, await orRepeated(broker, { requestId, done }, isOwnDoing));
  });

  return app;
}
