import { Hono } from 'hono';
import { cancel } from '../../../../broker/request/requests.ts';
import { readDossier } from '../../../../broker/review/dossier.ts';
import { approve, deny } from '../../../../broker/review/review.ts';
import { reviewAfterwards } from '../../../../broker/review/review-afterwards.ts';
import { hasReviewed, hasReviewedAfterwards, orRepeated } from '../../../api/repeated-review.ts';
import type { PageContext, PageEnvironment } from '../../page-frame.ts';
import { type PostedForm, type ReviewPageOptions, requirePosted, requireReader } from '../context.ts';
import { readNote } from '../notes.tsx';
import { answerRefusal } from '../refusal.tsx';
import { readDecision, readOutcome } from './decision-fields.ts';
import { renderRequestPage } from './page.tsx';

/** One request: everything about it, and every decision on it. */
export function buildRequestRoutes(options: ReviewPageOptions): Hono<PageEnvironment> {
  const { broker } = options;
  const pages = new Hono<PageEnvironment>();

  pages.get('/requests/:id', async (c) => {
    const reader = await requireReader(c, options);
    if (reader instanceof Response) return reader;
    const dossier = await readDossier(broker, reader.asker, c.req.param('id'));
    const note = readNote({ note: c.req.query('note'), about: undefined });
    const isSteppedUp = c.req.query('stepped_up') === 'yes';
    return c.html(renderRequestPage({ frame: reader.frame, dossier, note, isSteppedUp }));
  });

  // Where the answer to a form stood, when it is loaded again.
  pages.get('/requests/:id/:deed{decide|review|cancel}', (c) =>
    c.redirect(`/requests/${encodeURIComponent(c.req.param('id'))}`, 303),
  );

  pages.post('/requests/:id/decide', (c) =>
    act(c, options, async ({ asker, field }, requestId) => {
      const decision = readDecision(field);
      const order = { asker, requestId, way: 'page' } as const;
      const outcome = decision.kind === 'deny' ? 'denied' : 'approved';
      const done =
        decision.kind === 'deny'
          ? deny(broker, { ...order, reason: decision.reason })
          : approve(broker, { ...order, ...decision });
      // A form that is sent twice, by a double click say, has decided once.
      const said = { scopes: null, durationSeconds: null, ...decision, asker, outcome } as const;
      await orRepeated(broker, { requestId, done }, (request) => hasReviewed(request, said));
      return outcome;
    }),
  );

  pages.post('/requests/:id/review', (c) =>
    act(c, options, async ({ asker, field }, requestId) => {
      const said = { asker, outcome: readOutcome(field), reason: field('reason') };
      const done = reviewAfterwards(broker, { ...said, requestId, way: 'page' });
      await orRepeated(broker, { requestId, done }, (request) => hasReviewedAfterwards(request, said));
      return said.outcome;
    }),
  );

  pages.post('/requests/:id/cancel', (c) =>
    act(c, options, async ({ asker }, requestId) => {
      await cancel(broker, asker, requestId);
      return 'cancelled';
    }),
  );

  return pages;
}

/** Does what was posted, and leads to a page that says so; what the broker refuses is said on the request's own page. */
async function act(
  c: PageContext,
  options: ReviewPageOptions,
  take: (posted: PostedForm, requestId: string) => Promise<string>,
): Promise<Response> {
  const requestId = c.req.param('id') ?? '';
  const posted = await requirePosted(c, options, `/requests/${encodeURIComponent(requestId)}`);
  if (posted instanceof Response) return posted;
  try {
    const note = await take(posted, requestId);
    const isFromInbox = posted.field('from') === 'inbox';
    const query = new URLSearchParams({ note, ...(isFromInbox ? { about: requestId } : {}) });
    return c.redirect(`${isFromInbox ? '/inbox' : `/requests/${requestId}`}?${query}`, 303);
  } catch (error) {
    return answerRefusal(c, options, { error, posted, requestId });
  }
}
