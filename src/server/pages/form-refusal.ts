import type { Context } from 'hono';
import { renderErrorPage } from './error-page.tsx';

const REFUSALS = {
  forged: {
    status: 403,
    title: 'stale form',
    text: 'The form did not come from this page, or the page was open for too long. Nothing was changed.',
  },
  malformed: { status: 400, title: 'bad form', text: 'What was sent is not a form. Nothing was changed.' },
  large: { status: 413, title: 'large form', text: 'What was sent is too large. Nothing was changed.' },
} as const;

/** The page for a POST that changes nothing. */
export function refuseForm(
  c: Context,
  { installName }: { readonly installName: string },
  kind: keyof typeof REFUSALS,
): Response {
  const { status, title, text } = REFUSALS[kind];
  return c.html(renderErrorPage({ title, text, installName }), status) as Response;
}
