import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFormBrowser, type FormBrowser, type VisitedPage } from '../../../src/adapters/form-browser.ts';
import { makeProofKey, openConfirmation, poll, startDevice } from '../../support/device-client.ts';
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

const pass = (seconds: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 });

const PERSON = { user: 'dev', pin: TEST_PIN };
const open = (browser: FormBrowser, query = '') => browser.get(`${server.url}/login?next=/device${query}`);

async function logIn(query = ''): Promise<readonly [FormBrowser, VisitedPage]> {
  const browser = createFormBrowser();
  return [browser, await browser.submit(await open(browser, query), PERSON)];
}

describe('the login page', () => {
  it('leads on to where the person wanted to go, and does not ask twice', async () => {
    const [browser, page] = await logIn();
    expect(page.url).toBe(`${server.url}/device`);
    expect((await open(browser)).url).toBe(`${server.url}/device`);
    expect((await open(browser, '&as=other')).fields).toHaveProperty('pin');
  });

  it('OAU-03: leads nowhere else, from its address or from its form', async () => {
    const browser = createFormBrowser();
    const form = await browser.get(`${server.url}/login?next=https://evil.example/`);
    expect(form.fields.next).toBe('/');
    const page = await browser.submit(form, { ...PERSON, next: '//evil.example/' });
    expect(page.url).toBe(`${server.url}/`);
  });

  it('DEV-17: takes no form that was not its own', async () => {
    const [browser] = await logIn();
    for (const path of ['/login', '/logout']) {
      expect((await browser.post(server.url + path, PERSON)).status).toBe(403);
      const headers = { origin: 'https://evil.example' };
      const { fields } = await open(browser, '&as=other');
      expect((await browser.post(server.url + path, { ...fields, ...PERSON }, headers)).status).toBe(403);
    }
    expect((await open(browser)).url).toBe(`${server.url}/device`);
  });

  it('S13: logs nobody out by a GET, and this browser alone by its own form', async () => {
    const [browser] = await logIn();
    const [other] = await logIn();
    await browser.get(`${server.url}/logout`);
    expect((await open(browser)).url).toBe(`${server.url}/device`);
    const before = browser.cookies.get('jit_session') ?? '';
    const { csrf = '' } = (await open(browser, '&as=other')).fields;
    const page = await browser.post(`${server.url}/logout`, { csrf });
    expect([page.url, page.html.includes('logged out')]).toEqual([`${server.url}/logged-out`, true]);
    expect((await open(browser)).fields).toHaveProperty('pin');
    browser.cookies.set('jit_session', before);
    expect((await open(browser)).fields).toHaveProperty('pin');
    expect((await open(other)).url).toBe(`${server.url}/device`);
    expect(server.pageEvents.map(({ kind, subject, detail }) => [kind, subject, detail])).toEqual([
      ['session.started', 'dev:dev', { method: 'page', address: '127.0.0.1', strengths: 'pin' }],
      ['session.started', 'dev:dev', { method: 'page', address: '127.0.0.1', strengths: 'pin' }],
      ['session.ended', 'dev:dev', { because: 'logout' }],
    ]);
  });
});

describe('a younger login', () => {
  it('is the PIN once more, and only where the last one is too old', async () => {
    const [browser] = await logIn();
    expect((await open(browser, '&max_age=900')).url).toBe(`${server.url}/device`);
    pass(901);
    expect((await open(browser)).url).toBe(`${server.url}/device`);
    const form = await open(browser, '&max_age=900');
    expect(form.html).toContain('type the PIN again');
    expect((await browser.submit(form, PERSON)).url).toBe(`${server.url}/device`);
    expect((await open(browser, '&max_age=900')).url).toBe(`${server.url}/device`);
  });

  it('is asked for before a device code that wants it is shown', async () => {
    const key = await makeProofKey();
    const { userCode: first } = await startDevice(server.url);
    const { browser } = await openConfirmation(server.url, first);
    pass(901);
    const { userCode, deviceCode } = await startDevice(server.url, { max_age: '900' });
    const form = await browser.submit(await browser.get(`${server.url}/device?user_code=${userCode}`), {});
    expect(form.html).toContain('type the PIN again');
    const question = await browser.submit(form, PERSON);
    expect(question.html).toContain('Is that you?');
    await browser.submit(question, { decision: 'approve' });
    expect((await poll(server.url, key, deviceCode)).status).toBe(200);
  });

  it('is asked for again by the form itself, where the login grew too old meanwhile', async () => {
    const { userCode } = await startDevice(server.url, { max_age: '0' });
    const { browser, page: question } = await openConfirmation(server.url, userCode);
    expect(question.html).toContain('Is that you?');
    const old = await startDevice(server.url, { max_age: '60' });
    const { page } = await openConfirmation(server.url, old.userCode, { browser });
    expect(page.html).toContain('Is that you?');
    pass(61);
    const late = await startDevice(server.url, { max_age: '60' });
    const form = await browser.post(`${server.url}/device`, {
      ...page.fields,
      user_code: late.userCode,
      decision: 'approve',
    });
    expect(form.html).toContain('type the PIN again');
  });

  it('that must be stronger than a PIN is refused in words, and never begun', async () => {
    const [browser] = await logIn();
    const page = await open(browser, '&acr_values=mfa');
    expect([page.status, page.html.includes('stronger login than the PIN')]).toEqual([403, true]);
    const { csrf = '' } = (await open(browser, '&as=other')).fields;
    const posted = await browser.post(`${server.url}/login`, { ...PERSON, csrf, acr_values: 'mfa' });
    expect(posted.status).toBe(403);
    expect((await open(browser, '&acr_values=pin')).url).toBe(`${server.url}/device`);
  });
});
