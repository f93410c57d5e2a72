import type { IncomingMessage } from 'node:http';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Clock } from '../../core/ports/clock.ts';
import { STYLE, STYLE_PATH } from '../assets/style.ts';
import type { Attempts } from '../oauth/attempts.ts';
import { type DeviceLogin, normaliseUserCode, type PendingDevice } from '../oauth/device-login.ts';
import type { PinIdentity } from '../oauth/identity.ts';
import type { SessionLimits } from '../oauth/token-hooks.ts';
import { renderCodePage } from './code-page.tsx';
import { renderConfirmPage } from './confirm-page.tsx';
import { renderDonePage } from './done-page.tsx';
import { renderErrorPage } from './error-page.tsx';
import { renderLoginPage } from './login-page.tsx';
import {
  framePages,
  type PageContext,
  type PageEnvironment,
  readBrowserId,
  readForm,
  sendBrowserId,
} from './page-frame.ts';
import type { WebSession, WebSessions } from './web-sessions.ts';

export type DevicePageOptions = {
  readonly url: string;
  readonly installName: string;
  readonly timeZone: string;
  readonly clock: Clock;
  readonly identity: PinIdentity;
  readonly deviceLogin: DeviceLogin;
  readonly webSessions: WebSessions;
  readonly attempts: Attempts;
  readonly limits: SessionLimits;
  readonly readAddress: (request: IncomingMessage) => string;
};

const FORM_BYTES = 8192;
const WINDOW_SECONDS = 600;

/** `/device`, where a person looks at a code and answers, and `/assets`. A GET changes nothing (S13). */
export function createDevicePages(options: DevicePageOptions): Hono<PageEnvironment> {
  const { installName } = options;
  const pages = new Hono<PageEnvironment>();
  pages.use('/device/*', framePages(options.url), bodyLimit({ maxSize: FORM_BYTES }));
  pages.use('/assets/*', framePages(options.url));
  pages.get('/device', (c) => showCode(c, options));
  pages.post('/device/login', (c) => logIn(c, options));
  pages.post('/device', (c) => decide(c, options));
  pages.get('/device/approved', (c) => c.html(renderDonePage({ installName, decision: 'approved' })));
  pages.get('/device/denied', (c) => c.html(renderDonePage({ installName, decision: 'denied' })));
  pages.get(STYLE_PATH, (c) => {
    c.header('cache-control', 'public, max-age=31536000, immutable');
    return c.body(STYLE, 200, { 'content-type': 'text/css; charset=utf-8' });
  });
  return pages;
}

/** Enter a code; with a code, say who you are; then look at what it is for. */
async function showCode(c: PageContext, options: DevicePageOptions): Promise<Response> {
  const userCode = c.req.query('user_code') ?? '';
  if (!userCode) return showCodeForm(c, options, { userCode, isRefused: false });
  const browserId = readBrowserId(c, options);
  const session = await options.webSessions.find(browserId);
  const person = session && (await options.identity.find(session.subject));
  const csrf = options.webSessions.makeCsrf(browserId);
  const { installName, identity, clock, limits, timeZone } = options;
  if (!session || !person || c.req.query('as') === 'other') {
    return c.html(renderLoginPage({ installName, names: identity.names, userCode, csrf, isRefused: false }));
  }
  const device = await lookUp(c, options, { userCode, session });
  if (!device) return showCodeForm(c, options, { userCode, isRefused: true });
  const now = clock.now();
  return c.html(
    renderConfirmPage({ installName, device, personName: person.name, limits, csrf, now, timeZone }),
  );
}

async function logIn(c: PageContext, options: DevicePageOptions): Promise<Response> {
  const form = await readForm(c, options);
  if (!form) return showForgery(c, options);
  const userCode = form.field('user_code');
  const address = options.readAddress(c.env.incoming);
  const claim = { name: form.field('user'), pin: form.field('pin'), address };
  const person = await options.identity.verify(claim);
  if (!person) {
    const csrf = options.webSessions.makeCsrf(form.browserId);
    const { installName, identity } = options;
    const page = renderLoginPage({ installName, names: identity.names, userCode, csrf, isRefused: true });
    return c.html(page, 400);
  }
  sendBrowserId(c, await options.webSessions.start(person.subject, form.browserId), options);
  return c.redirect(`/device?user_code=${encodeURIComponent(userCode)}`, 303);
}

async function decide(c: PageContext, options: DevicePageOptions): Promise<Response> {
  const form = await readForm(c, options);
  const session = form && (await options.webSessions.find(form.browserId));
  const decision = form?.field('decision');
  if (!form || !session || (decision !== 'approve' && decision !== 'deny')) return showForgery(c, options);
  const userCode = form.field('user_code');
  const device = await lookUp(c, options, { userCode, session });
  const { subject, startedAt: authenticatedAt } = session;
  const isFirst =
    device && (await options.deviceLogin.decide({ userCode, decision, subject, authenticatedAt }));
  if (!isFirst) return showCodeForm(c, options, { userCode, isRefused: true });
  return c.redirect(decision === 'approve' ? '/device/approved' : '/device/denied', 303);
}

/** Wrong codes are counted per code, account and address before any is looked at, and all look alike (DEV-10). */
async function lookUp(
  c: PageContext,
  options: DevicePageOptions,
  guess: { readonly userCode: string; readonly session: WebSession },
): Promise<PendingDevice | undefined> {
  const attempt = await options.attempts.begin([
    { name: `code ${normaliseUserCode(guess.userCode)}`, limit: 5, windowSeconds: WINDOW_SECONDS },
    { name: `code account ${guess.session.subject}`, limit: 10, windowSeconds: WINDOW_SECONDS },
    {
      name: `code address ${options.readAddress(c.env.incoming)}`,
      limit: 20,
      windowSeconds: WINDOW_SECONDS,
    },
  ]);
  const device = attempt && (await options.deviceLogin.find(guess.userCode));
  if (device) await attempt?.succeed();
  return device;
}

function showCodeForm(
  c: PageContext,
  { installName }: DevicePageOptions,
  entered: { readonly userCode: string; readonly isRefused: boolean },
): Response {
  return c.html(renderCodePage({ installName, ...entered }), entered.isRefused ? 400 : 200) as Response;
}

function showForgery(c: PageContext, { installName }: DevicePageOptions): Response {
  const text =
    'The form did not come from this page, or the page was open for too long. Nothing was changed.';
  return c.html(renderErrorPage({ title: 'stale form', text, installName }), 403) as Response;
}
