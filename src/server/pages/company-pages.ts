import { Hono } from 'hono';
import { type ErrorCode, hasCode, JitError } from '../../core/errors.ts';
import type { Company, CompanyLogin } from '../../core/ports/company.ts';
import type { Secret } from '../../core/secret.ts';
import type { LoginDemand } from '../../core/step-up.ts';
import { openCompanyState, sealCompanyState } from '../oauth/login/company-state.ts';
import { type Admit, createAdmission, LOGIN_RATE } from '../oauth/login/rate.ts';
import { renderLeavingPage, renderLoginFailedPage } from './company-page.tsx';
import { buildLoginPath } from './next.ts';
import { type PageContext, type PageEnvironment, readBrowserId } from './page-frame.ts';
import { type SessionStartOptions, startSession } from './start-session.ts';
import type { VisitorOptions } from './visitor.ts';

const CALLBACK_PATH = '/login/callback';

export type CompanyPagesPart = {
  readonly company: Company;
  /** Seals what travels with a login that was begun. */
  readonly secret: Secret;
  /** Told of every login before its session is there, and of every one that failed for the provider's sake. */
  readonly onLogin: (login: CompanyLogin) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
};

export type CompanyPageOptions = VisitorOptions &
  SessionStartOptions &
  CompanyPagesPart & { readonly installName: string };

export type Leaving = {
  readonly next: string;
  readonly demand: LoginDemand | null;
  readonly isOther: boolean;
  readonly browserId: string;
};

/** The other half of `/login`, where the company's provider says who people are: its answers arrive here. */
export function createCompanyPages(options: CompanyPageOptions): Hono<PageEnvironment> {
  const pages = new Hono<PageEnvironment>();
  // Each answer is taken to the provider, which counts jit's calls as one client's: nobody uses them up for all.
  const admit = createAdmission(options.clock, LOGIN_RATE);
  pages.get(CALLBACK_PATH, (c) => arrive(c, { ...options, admit }));
  return pages;
}

/** Sends the browser to the provider. Nothing is stored for it: all that is needed afterwards travels sealed. */
export async function leaveForCompany(
  c: PageContext,
  options: CompanyPageOptions,
  { next, demand, isOther, browserId }: Leaving,
): Promise<Response> {
  const { company, secret, installName, clock, webSessions } = options;
  const tie = webSessions.makeCsrf(browserId);
  const keys = sealCompanyState(secret, { tie, next, demand, startedAt: clock.now() });
  try {
    const redirectUri = options.url + CALLBACK_PATH;
    const address = await company.start({ redirectUri, keys, demand, isOther });
    // A redirect would break off where a form led here: `form-action` holds for what follows a form, too.
    return c.html(renderLeavingPage({ installName, address, issuer: company.issuer })) as Response;
  } catch (error) {
    return refuse(c, options, { error, next, demand });
  }
}

async function arrive(
  c: PageContext,
  options: CompanyPageOptions & { readonly admit: Admit },
): Promise<Response> {
  const { secret, webSessions, clock, company } = options;
  const previousId = readBrowserId(c, options);
  const { search } = new URL(c.req.url);
  const begun = openCompanyState(secret, c.req.query('state') ?? '', clock.now());
  if (!begun || !webSessions.isCsrf(previousId, begun.tie)) return refuseStranger(c, options);
  const afterSeconds = options.admit(options.readAddress(c.env.incoming));
  if (afterSeconds !== undefined) return refuseTooMany(c, options, afterSeconds);
  const { keys, next, demand } = begun;
  try {
    const login = await company.finish({ address: options.url + CALLBACK_PATH + search, keys, demand });
    await options.onLogin(login);
    const { principal, authenticatedAt, strengths } = login;
    const session = { subject: principal.subject, authenticatedAt, strengths };
    await startSession(c, options, { ...session, previousId });
    return c.redirect(next, 303);
  } catch (error) {
    return refuse(c, options, { error, next, demand });
  }
}

/** An answer to a login that was not begun in this browser, or too long ago. */
function refuseStranger(c: PageContext, { installName }: CompanyPageOptions): Response {
  const text = 'This login was not begun in this browser, or it took too long, or it is over already.';
  const page = renderLoginFailedPage({ installName, text, retry: '/login' });
  return c.html(page, 400) as Response;
}

function refuseTooMany(c: PageContext, { installName }: CompanyPageOptions, afterSeconds: number): Response {
  c.header('retry-after', String(afterSeconds));
  const text = `Too many people log in from where you are. Try again in ${afterSeconds} s.`;
  return c.html(renderLoginFailedPage({ installName, text, retry: '/login' }), 429) as Response;
}

type Failed = {
  readonly error: unknown;
  readonly next: string;
  readonly demand: LoginDemand | null;
};

function refuse(c: PageContext, options: CompanyPageOptions, { error, next, demand }: Failed): Response {
  const text = error instanceof JitError ? WORDS[error.code] : undefined;
  if (text === undefined) throw error;
  const isFault = hasCode(error, 'provider_failed');
  if (isFault) options.onFailure(error);
  const retry = buildLoginPath({ next, demand, asOther: !isFault });
  const page = renderLoginFailedPage({ installName: options.installName, text, retry });
  return c.html(page, isFault ? 503 : 403) as Response;
}

/** What is wrong with the provider's answer is for the server's log. */
const WORDS: Readonly<Partial<Record<ErrorCode, string>>> = {
  provider_failed: "The company's login did not work just now. Nobody was logged in.",
  login_denied: "The company's login said no. Nobody was logged in.",
  step_up_needed:
    "What you want to do asks for a younger or stronger login than the company's login gave. Your session is as it was.",
  lost_race: 'What this account had when it left is still being taken away. Try again in a minute.',
  forbidden: "The company's login says that this account is disabled.",
};
