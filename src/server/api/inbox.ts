import { Hono } from 'hono';
import { readInbox } from '../../broker/review/inbox.ts';
import { INBOX_POLLS_IN_ALL, INBOX_POLLS_PER_PERSON, LONGEST_WAIT_SECONDS } from '../../core/limits.ts';
import { SECOND_MS } from '../../core/time.ts';
import { encodeInbox } from '../../core/wire/inbox.ts';
import { readCount } from '../http/respond.ts';
import { streamEvents } from '../live/event-stream.ts';
import { createSeats } from '../live/seats.ts';
import { waitForChange } from '../live/wait.ts';
import type { ApiEnvironment, ApiParts } from './context.ts';
import { readGone } from './gone.ts';

const HIGHEST_POSITION = Number.MAX_SAFE_INTEGER;

/** What waits for a reviewer, and how one hears that something happened: by events, or by asking and waiting. */
export function buildInboxRoutes(parts: ApiParts): Hono<ApiEnvironment> {
  const { broker } = parts;
  const app = new Hono<ApiEnvironment>();
  const polls = createSeats({
    what: 'inboxes that wait at one time',
    mostPerPerson: INBOX_POLLS_PER_PERSON,
    mostInAll: INBOX_POLLS_IN_ALL,
  });

  app.get('/v1/inbox', async (c) => {
    const asker = await parts.authenticate(c);
    const after = readCount(c, 'after', { fallback: HIGHEST_POSITION, most: HIGHEST_POSITION });
    const waitSeconds = readCount(c, 'wait_seconds', { fallback: 0, most: LONGEST_WAIT_SECONDS });
    if (waitSeconds > 0 && c.req.query('after') !== undefined) {
      const leave = polls.take(asker.principal.subject);
      const waiting = { asker, after, timeoutMs: waitSeconds * SECOND_MS, signal: readGone(c) };
      await waitForChange(parts, waiting).finally(leave);
    }
    return c.json(encodeInbox(await readInbox(broker, asker)));
  });

  app.get('/v1/events', async (c) => {
    const asker = await parts.authenticate(c);
    return streamEvents(c, { ...parts, asker, readAsker: () => parts.authenticateAgain(c) });
  });

  return app;
}
