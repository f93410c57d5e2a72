import { Hono } from 'hono';
import { PAGE_FORM_BYTES } from '../../core/limits.ts';
import type { LoginDemand } from '../../core/step-up.ts';
import { type Instant, SECOND_MS } from '../../core/time.ts';
import type { ReadAddress } from '../http/address.ts';
import { limitBody } from '../http/body-limit.ts';
import {
  type BrowserLogin,
  INTERACTION_PATH,
  type PendingBrowserLogin,
} from '../oauth/login/browser-login.ts';
import type { SessionLimits } from '../oauth/provider/token-hooks.ts';
import { renderBrowserConfirmPage } from './browser-confirm-page.tsx';
import { renderErrorPage } from './error-page.tsx';
import { refuseForm } from './form-refusal.ts';
import { buildLoginPath } from './next.ts';
import { framePages, type PageContext, type PageEnvironment, readForm } from './page-frame.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { requireWebSession, type Visitor, type VisitorOptions } from './visitor.ts';

export type BrowserLoginPageOptions = VisitorOptions & {
  readonly installName: string;
  readonly timeZone: string;
  readonly browserLogin: BrowserLogin;
  readonly limits: SessionLimits;
  readonly readAddress: ReadAddress;
};

/** `/oauth/interaction/:uid`, where a person says whether `jit login --browser` was theirs. A GET changes nothing (S13). */
export function createBrowserLoginPages(options: BrowserLoginPageOptions): Hono<PageEnvironment> {
  const pages = new Hono<PageEnvironment>();
  const limit = limitBody({ maxSize: PAGE_FORM_BYTES, onError: (c) => refuseForm(c, options, 'large') });
  pages.use(`${INTERACTION_PATH}/*`, framePages(options.url), limit);
  pages.get(`${INTERACTION_PATH}/:uid`, (c) => ask(c, options));
  pages.post(`${INTERACTION_PATH}/:uid`, (c) => decide(c, options));
  return pages;
}

async function ask(c: PageContext, options: BrowserLoginPageOptions): Promise<Response> {
  const pending = await options.browserLogin.find(c.env);
  if (!pending) return sayOver(c, options);
  const visitor = await requireVisitor(c, options, pending);
  if (visitor instanceof Response) return visitor;
  const { installName, limits, timeZone, clock } = options;
  const { pathname } = new URL(c.req.url);
  // What the form's answer redirects to counts as a place that the form goes to.
  c.header('content-security-policy', allowForm(pending.returnOrigin));
  return c.html(
    renderBrowserConfirmPage({
      installName,
      waiting: { ...pending, address: options.readAddress(c.env.incoming) },
      personName: visitor.principal.name,
      action: pathname,
      otherPath: buildLoginPath({ next: pathname, demand: pending.demand, asOther: true }),
      limits,
      csrf: options.webSessions.makeCsrf(visitor.browserId),
      now: clock.now(),
      timeZone,
    }),
  ) as Response;
}

async function decide(c: PageContext, options: BrowserLoginPageOptions): Promise<Response> {
  const form = await readForm(c, options);
  if (form.kind !== 'form') return refuseForm(c, options, form.kind);
  const pending = await options.browserLogin.find(c.env);
  if (!pending) return sayOver(c, options);
  const visitor = await requireVisitor(c, options, pending);
  if (visitor instanceof Response) return visitor;
  const { subject } = visitor.principal;
  const { at: authenticatedAt, strengths } = visitor.login;
  const decision = form.field('decision');
  if (decision !== 'approve' && decision !== 'deny') return refuseForm(c, options, 'malformed');
  const next = await options.browserLogin.decide(
    c.env,
    decision === 'approve'
      ? { decision, subject, authenticatedAt, strengths }
      : { decision, subject, address: options.readAddress(c.env.incoming) },
  );
  return next === undefined ? sayOver(c, options) : c.redirect(next, 303);
}

function requireVisitor(
  c: PageContext,
  options: BrowserLoginPageOptions,
  pending: PendingBrowserLogin,
): Promise<Visitor | Response> {
  const { pathname: next } = new URL(c.req.url);
  const demand = easeDemand(pending, options.clock.now());
  return requireWebSession(c, { ...options, next, demand });
}

/** A login that was made for this is recent enough, however long its person reads. */
function easeDemand({ demand, startedAt }: PendingBrowserLogin, now: Instant): LoginDemand | null {
  if (!demand || demand.maxAgeSeconds === null) return demand;
  const passedSeconds = Math.ceil((now - startedAt) / SECOND_MS);
  return { ...demand, maxAgeSeconds: Math.max(demand.maxAgeSeconds, passedSeconds) };
}

function allowForm(origin: string): string {
  const policy = SECURITY_HEADERS['content-security-policy'] ?? '';
  return policy.replace("form-action 'self'", `form-action 'self' ${origin}`);
}

function sayOver(c: PageContext, { installName }: BrowserLoginPageOptions): Response {
  const text = 'This login is over, or was begun in another browser.';
  return c.html(renderErrorPage({ title: 'no such login', text, installName }), 404) as Response;
}
