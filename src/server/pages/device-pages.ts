import { Hono } from 'hono';
import { PAGE_FORM_BYTES } from '../../core/limits.ts';
import { limitBody } from '../http/body-limit.ts';
import { satisfiesDemand } from '../oauth/login/demand.ts';
import { normaliseUserCode, type PendingDevice } from '../oauth/login/device-login.ts';
import { createAssetRoutes } from './asset-routes.ts';
import { guessCode } from './code-guesses.ts';
import { type DevicePageOptions, showCodeForm, showConfirmation } from './device-answers.ts';
import { renderDonePage } from './done-page.tsx';
import { refuseForm } from './form-refusal.ts';
import type { PostedLogin } from './login-pages.ts';
import { buildLoginPath } from './next.ts';
import { framePages, type PageContext, type PageEnvironment, readBrowserId, readForm } from './page-frame.ts';
import { findVisitorOf, type Visitor } from './visitor.ts';

/** `/device`, where a person looks at a code and answers, and `/assets`. A GET changes nothing, no count either (S13). */
export function createDevicePages(options: DevicePageOptions): Hono<PageEnvironment> {
  const { installName } = options;
  const pages = new Hono<PageEnvironment>();
  const limit = limitBody({ maxSize: PAGE_FORM_BYTES, onError: (c) => refuseForm(c, options, 'large') });
  pages.use('/device/*', framePages(options.url), limit);
  pages.get('/device', (c) => showCode(c, options));
  pages.post('/device/code', (c) => enterCode(c, options));
  pages.post('/device', (c) => decide(c, options));
  pages.get('/device/approved', (c) => c.html(renderDonePage({ installName, decision: 'approved' })));
  pages.get('/device/denied', (c) => c.html(renderDonePage({ installName, decision: 'denied' })));
  pages.route('/', createAssetRoutes(options.url));
  return pages;
}

/** Enter a code; with a code, say who you are; with one that was posted, look at what it is for. */
async function showCode(c: PageContext, options: DevicePageOptions): Promise<Response> {
  const userCode = c.req.query('user_code') ?? '';
  const browserId = readBrowserId(c, options);
  const entered = { browserId, userCode };
  if (!userCode) return showCodeForm(c, options, { ...entered, isRefused: false });
  const visitor = await findVisitorOf(browserId, options);
  const asOther = c.req.query('as') === 'other';
  if (!visitor || asOther) return c.redirect(buildLoginPath({ next: pathOf(userCode), asOther }), 303);
  const ticket = c.req.query('ticket') ?? '';
  // Only what was posted is looked up: whatever else links here, a page elsewhere say, would use up guesses.
  if (!options.webSessions.isTicket(browserId, normaliseUserCode(userCode), ticket)) {
    return showCodeForm(c, options, { ...entered, isRefused: false });
  }
  const device = await options.deviceLogin.find(userCode);
  if (!device) return showCodeForm(c, options, { ...entered, isRefused: true });
  return (
    askForLogin(c, { visitor, device }) ??
    showConfirmation(c, options, { device, browserId, personName: visitor.principal.name })
  );
}

function pathOf(userCode: string): string {
  return `/device?${new URLSearchParams({ user_code: normaliseUserCode(userCode) })}`;
}

/** A client may ask for a login that is younger or stronger than the one there is (RFC 9470), as of when it asked. */
function askForLogin(
  c: PageContext,
  { visitor, device }: { readonly visitor: Visitor; readonly device: PendingDevice },
): Response | undefined {
  const { demand, startedAt, userCode } = device;
  if (satisfiesDemand(visitor.login, demand, startedAt)) return undefined;
  return c.redirect(buildLoginPath({ next: pathOf(userCode), demand }), 303);
}

async function enterCode(c: PageContext, options: DevicePageOptions): Promise<Response> {
  const form = await readForm(c, options);
  if (form.kind !== 'form') return refuseForm(c, options, form.kind);
  const { browserId } = form;
  const userCode = form.field('user_code');
  const visitor = await findVisitorOf(browserId, options);
  if (!visitor) return c.redirect(buildLoginPath({ next: pathOf(userCode) }), 303);
  return lookUp(c, options, { browserId, userCode, subject: visitor.principal.subject });
}

async function decide(c: PageContext, options: DevicePageOptions): Promise<Response> {
  const form = await readForm(c, options);
  if (form.kind !== 'form') return refuseForm(c, options, form.kind);
  const visitor = await findVisitorOf(form.browserId, options);
  const decision = form.field('decision');
  if (!visitor || (decision !== 'approve' && decision !== 'deny')) return refuseForm(c, options, 'forged');
  const userCode = form.field('user_code');
  const { subject } = visitor.principal;
  const address = options.readAddress(c.env.incoming);
  const device = await guessCode(options, { userCode, subject, address });
  const asking = device && decision === 'approve' ? askForLogin(c, { visitor, device }) : undefined;
  if (asking) return asking;
  const { at: authenticatedAt, strengths } = visitor.login;
  const answer = { userCode, decision, subject, authenticatedAt, strengths } as const;
  if (device && (await options.deviceLogin.decide(answer)))
    return c.redirect(decision === 'approve' ? '/device/approved' : '/device/denied', 303);
  return showCodeForm(c, options, { browserId: form.browserId, userCode, isRefused: true });
}

/** A login by PIN that was on its way to a code has posted that code too. */
export async function goOnWithCode(
  c: PageContext,
  options: DevicePageOptions,
  { next, browserId, subject }: PostedLogin,
): Promise<Response | undefined> {
  const url = new URL(next, options.url);
  const userCode = url.searchParams.get('user_code');
  if (url.pathname !== '/device' || !userCode) return undefined;
  return lookUp(c, options, { browserId, userCode, subject });
}

/** A code that was posted by somebody logged in: counted as a guess, and shown to whoever guessed right. */
async function lookUp(
  c: PageContext,
  options: DevicePageOptions,
  entered: { readonly browserId: string; readonly userCode: string; readonly subject: string },
): Promise<Response> {
  const { browserId, userCode } = entered;
  const address = options.readAddress(c.env.incoming);
  const device = await guessCode(options, { ...entered, address });
  if (!device) return showCodeForm(c, options, { browserId, userCode, isRefused: true });
  const ticket = options.webSessions.makeTicket(browserId, normaliseUserCode(userCode));
  const query = new URLSearchParams({ user_code: device.userCode, ticket });
  return c.redirect(`/device?${query}`, 303);
}
