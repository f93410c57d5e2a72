import { Hono } from 'hono';
import { listRevocable, revokeMany } from '../../../broker/revoke-many.ts';
import { fail } from '../../../core/errors.ts';
import type { Selection } from '../../../core/view.ts';
import type { PageEnvironment } from '../page-frame.ts';
import { type ReviewPageOptions, requirePosted, requireReader } from './context.ts';
import type { NoteText } from './notes.tsx';
import { renderRevokePage } from './revoke-page.tsx';

/** Taking away everything of a person, at a target, or of everybody: first shown (GET), then done (POST, S13). */
export function buildRevokeManyRoutes(options: ReviewPageOptions): Hono<PageEnvironment> {
  const { broker } = options;
  const pages = new Hono<PageEnvironment>();

  pages.get('/grants/revoke', async (c) => {
    const reader = await requireReader(c, options);
    if (reader instanceof Response) return reader;
    const selection = readSelection((name) => c.req.query(name) ?? '');
    const grants = await listRevocable(broker, reader.asker, selection);
    return c.html(renderRevokePage({ frame: reader.frame, selection, grants, note: null }));
  });

  pages.post('/grants/revoke', async (c) => {
    const posted = await requirePosted(c, options, '/grants');
    if (posted instanceof Response) return posted;
    const { asker, frame, field } = posted;
    const selection = readSelection(field);
    const grants = await listRevocable(broker, asker, selection);
    const note = judgeTyped(selection, grants.length, field('count'));
    if (note) return c.html(renderRevokePage({ frame, selection, grants, note }), 409);
    await revokeMany(broker, asker, selection);
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
