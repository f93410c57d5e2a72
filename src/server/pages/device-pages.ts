import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Principal } from '../../core/principal.ts';
import { STYLE, STYLE_PATH } from '../assets/style.ts';
import { normaliseUserCode } from '../oauth/device-login.ts';
import { guessCode } from './code-guesses.ts';
import {
  type DevicePageOptions,
  refuseForm,
  showCodeForm,
  showConfirmation,
  showLogin,
} from './device-answers.ts';
import { renderDonePage } from './done-page.tsx';
import {
  framePages,
  type PageContext,
  type PageEnvironment,
  readBrowserId,
  readForm,
  sendBrowserId,
} from './page-frame.ts';

const FORM_BYTES = 8192;

/** `/device`, where a person looks at a code and answers, and `/assets`. A GET changes nothing, no count either (S13). */
export function createDevicePages(options: DevicePageOptions): Hono<PageEnvironment> {
  const { installName } = options;
  const pages = new Hono<PageEnvironment>();
  const limit = bodyLimit({ maxSize: FORM_BYTES, onError: (c) => refuseForm(c, options, 'large') });
  pages.use('/device/*', framePages(options.url), limit);
  pages.use('/assets/*', framePages(options.url));
  pages.get('/device', (c) => showCode(c, options));
  pages.post('/device/code', (c) => enterCode(c, options));
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

/** Enter a code; with a code, say who you are; with one that was posted, look at what it is for. */
async function showCode(c: PageContext, options: DevicePageOptions): Promise<Response> {
  const userCode = c.req.query('user_code') ?? '';
  const browserId = readBrowserId(c, options);
  const entered = { browserId, userCode };
  if (!userCode) return showCodeForm(c, options, { ...entered, isRefused: false });
  const person = await findPerson(options, browserId);
  if (!person || c.req.query('as') === 'other')
    return showLogin(c, options, { ...entered, isRefused: false });
  const ticket = c.req.query('ticket') ?? '';
  // Only what was posted is looked up: whatever else links here, a page elsewhere say, would use up guesses.
  if (!options.webSessions.isTicket(browserId, normaliseUserCode(userCode), ticket)) {
    return showCodeForm(c, options, { ...entered, isRefused: false });
  }
  const device = await options.deviceLogin.find(userCode);
  if (!device) return showCodeForm(c, options, { ...entered, isRefused: true });
  return showConfirmation(c, options, { device, browserId, personName: person.name });
}

async function enterCode(c: PageContext, options: DevicePageOptions): Promise<Response> {
  const form = await readForm(c, options);
  if (form.kind !== 'form') return refuseForm(c, options, form.kind);
  const { browserId } = form;
  const userCode = form.field('user_code');
  const person = await findPerson(options, browserId);
  if (!person) return c.redirect(`/device?user_code=${encodeURIComponent(userCode)}`, 303);
  return lookUp(c, options, { browserId, userCode, subject: person.subject });
}

async function logIn(c: PageContext, options: DevicePageOptions): Promise<Response> {
  const form = await readForm(c, options);
  if (form.kind !== 'form') return refuseForm(c, options, form.kind);
  const userCode = form.field('user_code');
  const address = options.readAddress(c.env.incoming);
  const claim = { name: form.field('user'), pin: form.field('pin'), address };
  const person = await options.identity.verify(claim);
  if (!person) return showLogin(c, options, { browserId: form.browserId, userCode, isRefused: true });
  const browserId = await options.webSessions.start(person.subject, form.browserId);
  sendBrowserId(c, browserId, options);
  return lookUp(c, options, { browserId, userCode, subject: person.subject });
}

async function decide(c: PageContext, options: DevicePageOptions): Promise<Response> {
  const form = await readForm(c, options);
  if (form.kind !== 'form') return refuseForm(c, options, form.kind);
  const session = await options.webSessions.find(form.browserId);
  const decision = form.field('decision');
  if (!session || (decision !== 'approve' && decision !== 'deny')) return refuseForm(c, options, 'forged');
  const userCode = form.field('user_code');
  const { subject, startedAt: authenticatedAt } = session;
  const device = await guessCode(options, {
    userCode,
    subject,
    address: options.readAddress(c.env.incoming),
  });
  const isFirst =
    device && (await options.deviceLogin.decide({ userCode, decision, subject, authenticatedAt }));
  if (!isFirst) return showCodeForm(c, options, { browserId: form.browserId, userCode, isRefused: true });
  return c.redirect(decision === 'approve' ? '/device/approved' : '/device/denied', 303);
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

async function findPerson(options: DevicePageOptions, browserId: string): Promise<Principal | undefined> {
  const session = await options.webSessions.find(browserId);
  return session && options.identity.find(session.subject);
}
