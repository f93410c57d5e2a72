import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import { setCookie } from 'hono/cookie';
import { readUrlEncoded } from '../http/form.ts';
import { isOwnHost } from '../oauth/host.ts';
import { isSameOrigin } from './same-origin.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import type { WebSessions } from './web-sessions.ts';

export type PageEnvironment = { readonly Bindings: HttpBindings };
export type PageContext = Context<PageEnvironment>;

/** In front of every page: only our own host (421 otherwise), the security headers, nothing kept by caches. */
export function framePages(
  url: string,
  headers: Readonly<Record<string, string>> = SECURITY_HEADERS,
): MiddlewareHandler<PageEnvironment> {
  return async (c, next) => {
    if (!isOwnHost(url, c.req.header('host'))) return c.text('', 421);
    for (const [name, value] of Object.entries(headers)) c.header(name, value);
    c.header('cache-control', 'no-store');
    return next();
  };
}

/** The browser's session id, from its cookie; a browser without one, or with something else there, gets one. */
export function readBrowserId(c: PageContext, options: CookieOptions): string {
  const known = findBrowserId(c, options);
  if (known !== undefined) return known;
  const made = options.webSessions.makeId();
  sendBrowserId(c, made, options);
  return made;
}

export function sendBrowserId(c: PageContext, id: string, { url }: CookieOptions): void {
  const secure = url.startsWith('https:');
  setCookie(c, cookieName(url), id, { httpOnly: true, sameSite: 'Lax', secure, path: '/' });
}

export type CookieOptions = { readonly url: string; readonly webSessions: WebSessions };

function cookieName(url: string): string {
  return url.startsWith('https:') ? '__Host-jit' : 'jit_session';
}

/** Cookies know no ports: another service on this host may have set one of the same name, for a path, in front of ours. */
function findBrowserId(c: PageContext, { url, webSessions }: CookieOptions): string | undefined {
  const start = `${cookieName(url)}=`;
  const values = (c.req.header('cookie') ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(start))
    .map((pair) => pair.slice(start.length));
  return values.find((value) => webSessions.isId(value));
}

/** What was posted: one of our own forms made in this browser, one that was not (DEV-17), or no form at all. */
export type Posted =
  | { readonly kind: 'form'; readonly browserId: string; readonly field: (name: string) => string }
  | { readonly kind: 'forged' }
  | { readonly kind: 'malformed' };

/** Nothing may be changed by a POST before this was asked. */
export async function readForm(c: PageContext, options: CookieOptions): Promise<Posted> {
  const headers = { origin: c.req.header('origin'), fetchSite: c.req.header('sec-fetch-site') };
  if (!isSameOrigin(options.url, headers)) return { kind: 'forged' };
  const form = await readUrlEncoded(c);
  if (!form) return { kind: 'malformed' };
  const field = (name: string) => form.get(name) ?? '';
  const browserId = findBrowserId(c, options);
  if (browserId === undefined || !options.webSessions.isCsrf(browserId, field('csrf'))) {
    return { kind: 'forged' };
  }
  return { kind: 'form', browserId, field };
}
