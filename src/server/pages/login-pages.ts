import { Hono } from 'hono';
import { PAGE_FORM_BYTES } from '../../core/limits.ts';
import type { LoginDemand } from '../../core/step-up.ts';
import { limitBody } from '../http/body-limit.ts';
import { readLoginDemand, satisfiesDemand, writeLoginDemand } from '../oauth/login/demand.ts';
import type { PinIdentity } from '../oauth/login/identity.ts';
import { type CompanyPagesPart, createCompanyPages, leaveForCompany } from './company-pages.ts';
import { renderLoggedOut } from './done-page.tsx';
import { renderErrorPage } from './error-page.tsx';
import { refuseForm } from './form-refusal.ts';
import { renderLoginPage } from './login-page.tsx';
import { parseNext } from './next.ts';
import {
  framePages,
  type PageContext,
  type PageEnvironment,
  readBrowserId,
  readForm,
  sendBrowserId,
} from './page-frame.ts';
import { type SessionStartOptions, startSession } from './start-session.ts';
import { findVisitorOf, type VisitorOptions } from './visitor.ts';

export type LoginPageOptions = VisitorOptions &
  SessionStartOptions & {
    readonly installName: string;
    /** Who says who people are: the PIN, or the company's provider. */
    readonly way:
      | { readonly kind: 'pin'; readonly pin: PinIdentity }
      | ({ readonly kind: 'company' } & CompanyPagesPart);
    /** What a login that was posted may go on with at once; undefined: a redirect to `next`. */
    readonly goOn: (c: PageContext, login: PostedLogin) => Promise<Response | undefined>;
  };

export type PostedLogin = { readonly next: string; readonly browserId: string; readonly subject: string };

type Asked = {
  readonly next: string;
  readonly demand: LoginDemand | null;
  readonly isOther: boolean;
  readonly browserId: string;
};

/** `/login`, which every page sends people to who have to log in, and `/logout`. No GET changes anything (S13). */
export function createLoginPages(options: LoginPageOptions): Hono<PageEnvironment> {
  const pages = new Hono<PageEnvironment>();
  const limit = limitBody({ maxSize: PAGE_FORM_BYTES, onError: (c) => refuseForm(c, options, 'large') });
  for (const path of ['/login/*', '/logout', '/logged-out']) pages.use(path, framePages(options.url), limit);
  const { way } = options;
  pages.get('/login', (c) => showLogin(c, options));
  pages.post('/logout', (c) => logOut(c, options));
  pages.get('/logged-out', (c) => c.html(renderLoggedOut(options)));
  if (way.kind === 'pin') pages.post('/login', (c) => logInByPin(c, { ...options, pin: way.pin }));
  else pages.route('/', createCompanyPages({ ...options, ...way }));
  return pages;
}

async function showLogin(c: PageContext, options: LoginPageOptions): Promise<Response> {
  const browserId = readBrowserId(c, options);
  const next = parseNext(c.req.query('next'));
  const demand = readLoginDemand(c.req.query());
  const isOther = c.req.query('as') === 'other';
  const visitor = isOther ? undefined : await findVisitorOf(browserId, options);
  if (visitor && satisfiesDemand(visitor.login, demand, options.clock.now())) return c.redirect(next, 303);
  const asked = { next, demand, isOther, browserId };
  const { way } = options;
  if (way.kind === 'company') return leaveForCompany(c, { ...options, ...way }, asked);
  return showPinForm(c, { ...options, pin: way.pin }, { ...asked, isRefused: false });
}

type PinOptions = LoginPageOptions & { readonly pin: PinIdentity };

function showPinForm(
  c: PageContext,
  { installName, webSessions, pin }: PinOptions,
  { next, demand, browserId, isRefused }: Asked & { readonly isRefused: boolean },
): Response {
  if (!satisfiesStrengths(demand)) return refuseStrength(c, { installName });
  const page = renderLoginPage({
    installName,
    names: pin.names,
    csrf: webSessions.makeCsrf(browserId),
    hidden: { next, ...(demand ? writeLoginDemand(demand) : {}) },
    notice: isRefused ? 'refused' : demand ? 'again' : null,
  });
  return c.html(page, isRefused ? 400 : 200) as Response;
}

/** What a login by PIN vouches for (RFC 8176). */
const PIN_STRENGTHS: readonly string[] = ['pin'];

function satisfiesStrengths(demand: LoginDemand | null): boolean {
  return (demand?.strengths ?? []).every((strength) => PIN_STRENGTHS.includes(strength));
}

function refuseStrength(c: PageContext, { installName }: Pick<LoginPageOptions, 'installName'>): Response {
  const text = 'What you want to do asks for a stronger login than the PIN of development users can be.';
  const page = renderErrorPage({ title: 'login too weak', text, installName, hint: HINT });
  return c.html(page, 403) as Response;
}

const HINT = 'Whoever writes the policies of this server can say what would do.';

async function logInByPin(c: PageContext, options: PinOptions): Promise<Response> {
  const form = await readForm(c, options);
  if (form.kind !== 'form') return refuseForm(c, options, form.kind);
  const { browserId: previousId, field } = form;
  const next = parseNext(field('next'));
  const demand = readLoginDemand({ max_age: field('max_age'), acr_values: field('acr_values') });
  const address = options.readAddress(c.env.incoming);
  const asked = { next, demand, isOther: false, browserId: previousId };
  if (!satisfiesStrengths(demand)) return refuseStrength(c, options);
  const person = await options.pin.verify({ name: field('user'), pin: field('pin'), address });
  if (!person) return showPinForm(c, options, { ...asked, isRefused: true });
  const { subject } = person;
  const login = { subject, authenticatedAt: options.clock.now(), strengths: PIN_STRENGTHS };
  const browserId = await startSession(c, options, { ...login, previousId });
  return (await options.goOn(c, { next, browserId, subject })) ?? c.redirect(next, 303);
}

/** Ends the session of this browser; those of terminals go on. */
async function logOut(c: PageContext, options: LoginPageOptions): Promise<Response> {
  const form = await readForm(c, options);
  if (form.kind !== 'form') return refuseForm(c, options, form.kind);
  const session = await options.webSessions.find(form.browserId);
  await options.webSessions.end(form.browserId);
  if (session) {
    const { subject } = session;
    await options.onEvent({ kind: 'session.ended', subject, sessionId: null, detail: { because: 'logout' } });
  }
  sendBrowserId(c, options.webSessions.makeId(), options);
  return c.redirect('/logged-out', 303);
}
