import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFormBrowser } from '../../../src/adapters/form-browser.ts';
import { createAuthorization } from '../../../src/adapters/oauth/authorization.ts';
import { createHttp } from '../../../src/adapters/oauth/http.ts';
import { JitError } from '../../../src/core/errors.ts';
import {
  answer,
  beginBrowserLogin,
  codeOf,
  openQuestion,
} from '../../support/browsers/browser-login-client.ts';
import { createFakeClock } from '../../support/fakes/fake-clock.ts';
import { type OAuthServer, startOAuthServer, TEST_PIN } from '../../support/oauth-server.ts';

let server: OAuthServer;
beforeEach(async () => {
  server = await startOAuthServer();
});
afterEach(async () => {
  vi.useRealTimers();
  expect(server.errors).toEqual([]);
  await server[Symbol.asyncDispose]();
});

describe('jit login --browser', () => {
  it('OAU-01: asks with PKCE S256, a state, and the key that the tokens will be bound to', async () => {
    const { address, stop, ended } = await beginBrowserLogin(server.url);
    expect(Object.fromEntries(address.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^[\w-]{43}$/),
      dpop_jkt: expect.stringMatching(/^[\w-]{43}$/),
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback$/),
    });
    stop();
    await ended;
  });

  it('OAU-05: ends logged in; no address had a token in it, and the port is closed', async () => {
    const { address, ended } = await beginBrowserLogin(server.url);
    const page = await answer(address, 'approve');
    expect(page.html).toContain('The terminal is logged in');
    const session = await ended;
    if (session instanceof JitError) throw session;
    expect(session).toMatchObject({ server: server.url, way: { kind: 'browser' } });
    expect(page.url).not.toContain(session.accessToken.reveal());
    expect([...new URL(page.url).searchParams.keys()].sort()).toEqual(['code', 'iss', 'state']);
    await expect(fetch(page.url)).rejects.toThrow();
    expect(server.events.at(-1)).toMatchObject({
      kind: 'session.started',
      subject: 'dev:dev',
      detail: { method: 'browser', address: '127.0.0.1' },
    });
  });

  it('OAU-06: the page at the end has a strict policy and loads nothing', async () => {
    const { address, ended } = await beginBrowserLogin(server.url);
    const { headers, html } = await answer(address, 'approve');
    await ended;
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(html).not.toMatch(/<script|src=|href=/);
  });

  it('shows who asks before anything is given, and takes a no', async () => {
    const { address, ended } = await beginBrowserLogin(server.url);
    const browser = createFormBrowser();
    const question = await openQuestion(address, browser);
    for (const text of ['Is that you?', 'laptop', '127.0.0.1', 'tests', '<strong>dev</strong>'])
      expect(question.html).toContain(text);
    const page = await browser.submit(question, { decision: 'deny' });
    expect(page.html).toContain('The login was denied');
    expect(codeOf(await ended)).toBe('login_denied');
    expect(server.events).toMatchObject([
      { kind: 'session.refused', detail: { because: 'denied in the browser' } },
    ]);
  });

  it('asks every time, also a browser that said yes a moment ago, and gives each login a session of its own', async () => {
    const browser = createFormBrowser();
    const sessions: string[] = [];
    for (const _ of [1, 2]) {
      const { address, ended } = await beginBrowserLogin(server.url);
      const question = await openQuestion(address, browser);
      expect(question.html).toContain('Is that you?');
      await browser.submit(question, { decision: 'approve' });
      const session = await ended;
      if (session instanceof JitError) throw session;
      sessions.push(session.accessToken.reveal());
    }
    const started = server.events.map((event) => event.sessionId);
    expect(new Set(started).size).toBe(2);
    expect(new Set(sessions).size).toBe(2);
    expect([...browser.cookies.keys()].filter((name) => name.startsWith('jit_sso'))).toEqual([]);
  });

  it('lets somebody else log in instead, in the same browser', async () => {
    const browser = createFormBrowser();
    const first = await beginBrowserLogin(server.url);
    await browser.submit(await openQuestion(first.address, browser), { decision: 'approve' });
    await first.ended;
    const second = await beginBrowserLogin(server.url);
    const question = await openQuestion(second.address, browser);
    const [, other = ''] = /href="(\/login[^"]*)"/.exec(question.html) ?? [];
    const login = await browser.get(server.url + other.replaceAll('&amp;', '&'));
    const again = await browser.submit(login, { user: 'dba-lead', pin: TEST_PIN });
    expect(again.html).toContain('<strong>dba-lead</strong>');
    await browser.submit(again, { decision: 'approve' });
    expect(codeOf(await second.ended)).toBe('logged in');
    expect(server.events.map((event) => event.subject)).toEqual(['dev:dev', 'dev:dba-lead']);
  });
});

describe('a server where one way is turned off', () => {
  const limits = { sessionSeconds: 3600, idleSeconds: 3600 };
  it('OAU-07: says that nobody logs in by a browser, and what to do instead', async () => {
    await using other = await startOAuthServer({ login: { device: true, browser: false, ...limits } });
    await expect(beginBrowserLogin(other.url)).rejects.toMatchObject({
      code: 'login_not_offered',
      hint: 'jit login without --browser',
    });
  });

  it('OAU-07: says that nobody logs in with a code, and what to do instead', async () => {
    await using other = await startOAuthServer({ login: { device: false, browser: true, ...limits } });
    const clock = createFakeClock(Date.now());
    const authorization = createAuthorization({
      server: other.url,
      clock,
      http: createHttp(),
      clientId: 'jit-cli',
    });
    const login = authorization.deviceLogin({
      hostName: 'laptop',
      purpose: 'tests',
      signal: new AbortController().signal,
      show: () => undefined,
    });
    await expect(login).rejects.toMatchObject({ code: 'login_not_offered', hint: 'jit login --browser' });
  });
});

describe('a login that a policy asked for (RFC 9470)', () => {
  it('sends whoever logged in too long ago to log in again', async () => {
    const browser = createFormBrowser();
    const first = await beginBrowserLogin(server.url);
    await browser.submit(await openQuestion(first.address, browser), { decision: 'approve' });
    await first.ended;
    // The clock of the whole process: the provider reads no other.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 120_000 });
    const { address, ended } = await beginBrowserLogin(server.url, {
      demand: { maxAgeSeconds: 60, strengths: [] },
    });
    expect(address.searchParams.get('max_age')).toBe('60');
    const login = await browser.get(address.href);
    expect(login.html).toContain('asks for a login of just now');
    const question = await browser.submit(login, { user: 'dev', pin: TEST_PIN });
    expect(question.html).toContain('Is that you?');
    await browser.submit(question, { decision: 'approve' });
    expect(codeOf(await ended)).toBe('logged in');
  });

  it('asks for strengths by their names', async () => {
    const { address, ended, stop } = await beginBrowserLogin(server.url, {
      demand: { maxAgeSeconds: null, strengths: ['mfa', 'hwk'] },
    });
    expect(address.searchParams.get('acr_values')).toBe('mfa hwk');
    expect(address.searchParams.has('max_age')).toBe(false);
    stop();
    await ended;
  });
});
