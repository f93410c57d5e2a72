import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { isOwnHost } from '../oauth/host.ts';
import { isSameOrigin } from './same-origin.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import type { WebSessions } from './web-sessions.ts';

export type PageEnvironment = { readonly Bindings: HttpBindings };
export type PageContext = Context<PageEnvironment>;

/** In front of every page: only our own host (421 otherwise), the security headers, nothing kept by caches. */
export function framePages(url: string): MiddlewareHandler<PageEnvironment> {
  return async (c, next) => {
    if (!isOwnHost(url, c.req.header('host'))) return c.text('', 421);
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.header(name, value);
    c.header('cache-control', 'no-store');
    return next();
  };
}

/** The browser's session id, from its cookie; a browser without one gets one. */
export function readBrowserId(c: PageContext, options: CookieOptions): string {
  const known = getCookie(c, cookieName(options.url));
  if (known) return known;
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

/**
 * The fields of a POST that one of our own forms made in this browser; undefined for any other (DEV-17). Nothing may
 * be changed before this was asked.
 */
export async function readForm(c: PageContext, options: CookieOptions): Promise<PostedForm | undefined> {
  const headers = { origin: c.req.header('origin'), fetchSite: c.req.header('sec-fetch-site') };
  if (!isSameOrigin(options.url, headers)) return undefined;
  const form = await c.req.parseBody();
  const field = (name: string) => {
    const value = form[name];
    return typeof value === 'string' ? value : '';
  };
  const browserId = getCookie(c, cookieName(options.url)) ?? '';
  return options.webSessions.isCsrf(browserId, field('csrf')) ? { browserId, field } : undefined;
}

export type PostedForm = { readonly browserId: string; readonly field: (name: string) => string };
