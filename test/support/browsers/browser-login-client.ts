import { createFormBrowser, type FormBrowser, type VisitedPage } from '../../../src/adapters/form-browser.ts';
import { createAuthorization } from '../../../src/adapters/oauth/authorization.ts';
import type { MetadataCache } from '../../../src/adapters/oauth/configuration.ts';
import { createHttp } from '../../../src/adapters/oauth/http.ts';
import { JitError } from '../../../src/core/errors.ts';
import type { StoredSession } from '../../../src/core/ports/session.ts';
import type { LoginDemand } from '../../../src/core/step-up.ts';
import { createFakeClock, type FakeClock } from '../fakes/fake-clock.ts';
import { TEST_PIN } from '../oauth-server.ts';

/** A login in the browser that waits for the browser. */
export type RunningLogin = {
  /** Where the browser is sent. */
  readonly address: URL;
  readonly ended: Promise<StoredSession | JitError>;
  readonly stop: () => void;
  readonly clock: FakeClock;
};

export async function beginBrowserLogin(
  server: string,
  options: { readonly demand?: LoginDemand; readonly metadataCache?: MetadataCache } = {},
): Promise<RunningLogin> {
  const clock = createFakeClock(Date.now());
  const stopping = new AbortController();
  const authorization = createAuthorization({
    server,
    clock,
    http: createHttp(),
    clientId: 'jit-cli',
    ...(options.metadataCache ? { metadataCache: options.metadataCache } : {}),
  });
  const shown = Promise.withResolvers<URL>();
  const ended = authorization
    .browserLogin({
      hostName: 'laptop',
      purpose: 'tests',
      demand: options.demand,
      signal: stopping.signal,
      show: ({ address }) => shown.resolve(new URL(address)),
    })
    .catch((error: unknown) => {
      if (error instanceof JitError) return error;
      throw error;
    });
  const address = await Promise.race([shown.promise, ended]);
  if (!(address instanceof URL)) throw address;
  return { address, ended, stop: () => stopping.abort(), clock };
}

/** Logs in where that is asked for, and stops at the question. */
export async function openQuestion(
  address: URL,
  browser: FormBrowser = createFormBrowser(),
): Promise<VisitedPage> {
  const first = await browser.get(address.href);
  return 'pin' in first.fields ? browser.submit(first, { user: 'dev', pin: TEST_PIN }) : first;
}

export async function answer(address: URL, decision: 'approve' | 'deny'): Promise<VisitedPage> {
  const browser = createFormBrowser();
  return browser.submit(await openQuestion(address, browser), { decision });
}

/** The answer with everything as it should be but for the changes. */
export function buildCallback(address: URL, changes: Readonly<Record<string, string>> = {}): URL {
  const url = new URL(address.searchParams.get('redirect_uri') ?? '');
  const good = { code: 'made up', state: address.searchParams.get('state') ?? '', iss: address.origin };
  url.search = new URLSearchParams({ ...good, ...changes }).toString();
  return url;
}

/** The error's code, or that there was none. */
export const codeOf = (end: StoredSession | JitError) => (end instanceof JitError ? end.code : 'logged in');
