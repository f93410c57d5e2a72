import { Hono } from 'hono';
import { listLive, readGrant } from '../../../broker/query.ts';
import { revoke } from '../../../broker/revoke.ts';
import { listRevocable, mayRevokeEverything } from '../../../broker/revoke-many.ts';
import type { PageContext, PageEnvironment } from '../page-frame.ts';
import { type Reader, type ReviewPageOptions, requirePosted, requireReader } from './context.ts';
import { renderGrantPage } from './grant-page.tsx';
import { renderGrantsPage } from './grants-page.tsx';
import { readNote } from './notes.tsx';
import { buildRevokeManyRoutes } from './revoke-routes.ts';

const EVERYTHING = { user: null, target: null } as const;

/** What is live, and the ways to end it. */
export function buildGrantRoutes(options: ReviewPageOptions): Hono<PageEnvironment> {
  const { broker } = options;
  const pages = new Hono<PageEnvironment>();

  pages.get('/grants', async (c) => {
    const reader = await requireReader(c, options);
    if (reader instanceof Response) return reader;
    const [grants, revocable] = await Promise.all([
      listLive(broker, reader.asker),
      findRevocable(options, reader),
    ]);
    const everyTarget = mayRevokeEverything(broker, reader.asker)
      ? broker.catalogue.targets.map(({ name }) => name)
      : null;
    const asOf = broker.clock.now();
    const note = readOwnNote(c);
    return c.html(renderGrantsPage({ frame: reader.frame, grants, revocable, everyTarget, asOf, note }));
  });

  pages.route('/', buildRevokeManyRoutes(options));

  pages.get('/grants/:id', async (c) => {
    const reader = await requireReader(c, options);
    if (reader instanceof Response) return reader;
    const grant = await readGrant(broker, reader.asker, c.req.param('id'));
    const mayRevoke = (await findRevocable(options, reader)).has(grant.id);
    return c.html(renderGrantPage({ frame: reader.frame, grant, mayRevoke, note: readOwnNote(c) }));
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

async function findRevocable({ broker }: ReviewPageOptions, { asker }: Reader): Promise<ReadonlySet<string>> {
  const grants = await listRevocable(broker, asker, EVERYTHING);
  return new Set(grants.map(({ id }) => id));
}
