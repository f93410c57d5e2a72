import { Hono } from 'hono';
import { readInbox } from '../../../../broker/review/inbox.ts';
import { listHistory } from '../../../../broker/view/query.ts';
import { LONGEST_FILTER_CHARACTERS, MOST_HISTORY_ROWS } from '../../../../core/limits.ts';
import type { PageEnvironment } from '../../page-frame.ts';
import { type ReviewPageOptions, requireReader } from '../context.ts';
import { readNote } from '../notes.tsx';
import { readPageNumber } from '../part.ts';
import { renderHistoryPage } from '../request/history-page.tsx';
import { selectInbox } from './filter.ts';
import { renderInboxPage } from './page.tsx';

/** What waits for the reader, and what was. */
export function buildInboxRoutes(options: ReviewPageOptions): Hono<PageEnvironment> {
  const { broker } = options;
  const pages = new Hono<PageEnvironment>();

  pages.get('/', (c) => c.redirect('/inbox', 303));

  pages.get('/inbox', async (c) => {
    const reader = await requireReader(c, options);
    if (reader instanceof Response) return reader;
    const inbox = await readInbox(broker, reader.asker);
    const part = selectInbox(inbox, {
      filter: c.req.query('q') ?? '',
      page: readPageNumber(c.req.query('page')),
    });
    const note = readNote({ note: c.req.query('note'), about: c.req.query('about') });
    return c.html(renderInboxPage({ frame: reader.frame, part, asOf: inbox.asOf, note }));
  });

  pages.get('/history', async (c) => {
    const reader = await requireReader(c, options);
    if (reader instanceof Response) return reader;
    const user = (c.req.query('user') ?? '').slice(0, LONGEST_FILTER_CHARACTERS).trim() || null;
    const isOwn = user === null || user === reader.asker.principal.name;
    const found = await listHistory(broker, reader.asker, {
      limit: MOST_HISTORY_ROWS,
      ...(isOwn ? {} : { user }),
    });
    const isHidden = !isOwn && found.requests.length === 0 && found.grants.length === 0;
    const history = isHidden ? null : found;
    return c.html(renderHistoryPage({ frame: reader.frame, user: isOwn ? null : user, history }));
  });

  return pages;
}
