import { Hono } from 'hono';
import { revoke } from '../../../../broker/revocation/revoke.ts';
import { mayRevokeEverything } from '../../../../broker/revocation/revoke-many.ts';
import { listLive, readRevocableGrant } from '../../../../broker/view/query.ts';
import type { PageContext, PageEnvironment } from '../../page-frame.ts';
import { type ReviewPageOptions, requirePosted, requireReader } from '../context.ts';
import { readNote } from '../notes.tsx';
import { readPageNumber } from '../part.ts';
import { renderGrantPage } from './grant-page.tsx';
import { renderGrantsPage } from './grants-page.tsx';
import { buildRevokeManyRoutes } from './revoke-routes.ts';

/** What is live, and the ways to end it. */
export function buildGrantRoutes(options: ReviewPageOptions): Hono<PageEnvironment> {
  const { broker } = options;
  const pages = new Hono<PageEnvironment>();

  pages.get('/grants', async (c) => {
    const reader = await requireReader(c, options);
    if (reader instanceof Response) return reader;
    const live = await listLive(broker, reader.asker);
    const everyTarget = mayRevokeEverything(broker, reader.asker)
      ? broker.catalogue.targets.map(({ name }) => name)
      : null;
    const asOf = broker.clock.now();
    const note = readOwnNote(c);
    const page = readPageNumber(c.req.query('page'));
    return c.html(renderGrantsPage({ frame: reader.frame, live, page, everyTarget, asOf, note }));
  });

  pages.route('/', buildRevokeManyRoutes(options));

  pages.get('/grants/:id', async (c) => {
    const reader = await requireReader(c, options);
    if (reader instanceof Response) return reader;
    const seen = await readRevocableGrant(broker, reader.asker, c.req.param('id'));
    return c.html(renderGrantPage({ frame: reader.frame, seen, note: readOwnNote(c) }));
  });

  pages.post('/grants/:id/revoke', async (c) => {
    const grantId = c.req.param('id');
    const posted = await requirePosted(c, options, '/grants');
    if (posted instanceof Response) return posted;
    await revoke(broker, { asker: posted.asker, grantId, because: 'done' });
    const query = new URLSearchParams({ note: 'revoking', about: grantId });
    return c.redirect(`${posted.field('from') === 'grant' ? `/grants/${grantId}` : '/grants'}?${query}`, 303);
  });

  return pages;
}

function readOwnNote(c: PageContext) {
  return readNote({ note: c.req.query('note'), about: c.req.query('about') });
}
