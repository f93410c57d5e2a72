import { Hono } from 'hono';
import {
  listRevocable,
  mayRevokeEverything,
  type RevokedMany,
  revokeMany,
} from '../../../../broker/revocation/revoke-many.ts';
import { fail } from '../../../../core/errors.ts';
import type { Selection } from '../../../../core/view.ts';
import type { PageEnvironment } from '../../page-frame.ts';
import { type Reader, type ReviewPageOptions, requirePosted, requireReader } from '../context.ts';
import type { NoteText } from '../notes.tsx';
import { renderRevokePage } from './revoke-page.tsx';

/** Taking away everything of a person, at a target, or of everybody: first shown (GET), then done (POST, S13). */
export function buildRevokeManyRoutes(options: ReviewPageOptions): Hono<PageEnvironment> {
  const { broker } = options;
  const pages = new Hono<PageEnvironment>();
  const look = async ({ asker, frame }: Reader, selection: Selection) => ({
    frame,
    selection,
    grants: await listRevocable(broker, asker, selection),
    endsLogins: selection.user !== null && selection.target === null && mayRevokeEverything(broker, asker),
  });

  pages.get('/grants/revoke', async (c) => {
    const reader = await requireReader(c, options);
    if (reader instanceof Response) return reader;
    broker.keepPace(reader.asker, 'sweeps');
    const selection = readSelection((name) => c.req.query(name) ?? '');
    return c.html(renderRevokePage({ ...(await look(reader, selection)), note: null }));
  });

  pages.post('/grants/revoke', async (c) => {
    const posted = await requirePosted(c, options, '/grants');
    if (posted instanceof Response) return posted;
    const { asker, field } = posted;
    broker.keepPace(asker, 'sweeps');
    const selection = readSelection(field);
    const looked = await look(posted, selection);
    const note =
      judgeTyped(selection, looked.grants.length, field('count')) ??
      judgeTaken(await revokeMany(broker, asker, selection));
    if (note) return c.html(renderRevokePage({ ...looked, note }), 409);
    return c.redirect('/grants?note=revoked', 303);
  });

  return pages;
}

/** Everybody's only where it says so: a form that lost its fields must not mean more than it did. */
function readSelection(field: (name: string) => string): Selection {
  const selection = { user: field('user') || null, target: field('target') || null };
  const isEveryone = selection.user === null && selection.target === null;
  if (isEveryone !== (field('everyone') === 'yes'))
    throw fail('bad_message', { why: 'it does not say whose grants' });
  return selection;
}

function judgeTyped({ user, target }: Selection, count: number, typed: string): NoteText | null {
  if (user !== null || target !== null || typed.trim() === String(count)) return null;
  return { kind: 'error', text: `That is not the number of them, which is ${count}. Nothing was changed.` };
}

function judgeTaken({ grants, cancelled, sessionsEnded }: RevokedMany): NoteText | null {
  if (grants.length + cancelled + sessionsEnded > 0) return null;
  return { kind: 'error', text: 'There was nothing that you may take away. Nothing was changed.' };
}
