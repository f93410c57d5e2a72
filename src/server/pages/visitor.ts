import type { Clock } from '../../core/ports/clock.ts';
import type { Login, Principal } from '../../core/principal.ts';
import type { LoginDemand } from '../../core/step-up.ts';
import { noteSubject } from '../http/request-context.ts';
import { satisfiesDemand } from '../oauth/login/demand.ts';
import type { Identity } from '../oauth/login/identity.ts';
import { buildLoginPath } from './next.ts';
import { type CookieOptions, type PageContext, readBrowserId } from './page-frame.ts';

/** Somebody logged in at the pages: who, how, and in which browser (CSRF tokens are tied to it). */
export type Visitor = {
  readonly principal: Principal;
  readonly login: Login;
  readonly browserId: string;
};

export type VisitorOptions = CookieOptions & {
  readonly identity: Identity;
  readonly clock: Pick<Clock, 'now'>;
};

/** Who is logged in in this browser; as they are now, groups too. */
export async function findVisitor(c: PageContext, options: VisitorOptions): Promise<Visitor | undefined> {
  return findVisitorOf(readBrowserId(c, options), options);
}

/** Who is logged in in the browser with this id; as they are now, groups too. */
export async function findVisitorOf(
  browserId: string,
  { webSessions, identity }: Pick<VisitorOptions, 'webSessions' | 'identity'>,
): Promise<Visitor | undefined> {
  const session = await webSessions.find(browserId);
  const principal = session && (await identity.find(session.subject));
  if (!principal) return undefined;
  noteSubject(principal.subject);
  const { authenticatedAt: at, strengths } = session;
  return { principal, login: { method: 'browser', at, strengths }, browserId };
}

/**
 * The visitor, or the answer that sends the browser to log in and back: with a `demand`, also where the login is too
 * old or too weak for it (RFC 9470). `next` is where to come back to; left out, it is the page that was asked for,
 * which is wrong for a POST: name the page that its form stood on.
 */
export async function requireWebSession(
  c: PageContext,
  options: VisitorOptions & { readonly demand?: LoginDemand | null; readonly next?: string },
): Promise<Visitor | Response> {
  const visitor = await findVisitor(c, options);
  const demand = options.demand ?? null;
  if (visitor && satisfiesDemand(visitor.login, demand, options.clock.now())) return visitor;
  const { pathname, search } = new URL(c.req.url);
  return c.redirect(buildLoginPath({ next: options.next ?? pathname + search, demand }), 303);
}
