import { createHash } from 'node:crypto';

/** What the browser is told at the end of a login that began in the terminal. */
export type CallbackPage =
  | 'logged_in'
  | 'granted'
  | 'refused'
  | 'denied'
  | 'failed'
  | 'foreign'
  | 'nothing_here';

type Words = { readonly status: number; readonly title: string; readonly text: string };

const PAGES: Readonly<Record<CallbackPage, Words>> = {
  logged_in: {
    status: 200,
    title: 'The terminal is logged in',
    text: 'You can close this window and go back to it.',
  },
  granted: {
    status: 200,
    title: 'The terminal has its access',
    text: 'You can close this window and go back to it.',
  },
  refused: {
    status: 200,
    title: 'The terminal has no access',
    text: 'It says why. You can close this window.',
  },
  denied: {
    status: 200,
    title: 'The login was denied',
    text: 'Nothing was given away. You can close this window.',
  },
  failed: {
    status: 200,
    title: 'The login did not work',
    text: 'The terminal says why. You can close this window.',
  },
  foreign: {
    status: 400,
    title: 'This is not the login that jit began',
    text: 'Nothing was changed. If you did not follow a link from elsewhere, start again in the terminal.',
  },
  nothing_here: { status: 404, title: 'There is nothing here', text: 'This address is for one login only.' },
};

const STYLE =
  ':root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1rem}' +
  'h1{font-size:1.375rem}';

/** Nothing of it is text from the request, nothing is loaded, and nobody learns its address. */
export const CALLBACK_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${hash(STYLE)}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  connection: 'close',
};

export function renderCallbackPage(page: CallbackPage): { readonly status: number; readonly html: string } {
  const { status, title, text } = PAGES[page];
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title} · jit</title>`;
  const body = `<main><h1>${title}</h1><p>${text}</p></main>`;
  return {
    status,
    html: `<!doctype html><html lang="en"><head>${head}<style>${STYLE}</style></head><body>${body}</body></html>`,
  };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
