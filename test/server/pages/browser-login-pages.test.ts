import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFormBrowser } from '../../../src/adapters/form-browser.ts';
import {
  beginBrowserLogin,
  codeOf,
  openQuestion,
  type RunningLogin,
} from '../../support/browsers/browser-login-client.ts';
import { type OAuthServer, startOAuthServer } from '../../support/oauth-server.ts';

let server: OAuthServer;
beforeAll(async () => {
  server = await startOAuthServer();
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server[Symbol.asyncDispose]();
});

/** A login at its question, and the browser that it is asked in. */
async function arrive() {
  const login = await beginBrowserLogin(server.url);
  const browser = createFormBrowser();
  return { login, browser, question: await openQuestion(login.address, browser) };
}

/** Nobody has said yes or no: the program is still waiting. */
async function expectWaiting({ ended, stop }: RunningLogin): Promise<void> {
  stop();
  expect(codeOf(await ended)).toBe('interrupted');
}

describe('the page that asks whether a login in the browser is yours', () => {
  it('S13: is looked at as often as one likes, and decides nothing by that', async () => {
    const { login, browser, question } = await arrive();
    for (const query of ['', '?decision=approve', '?decision=deny'])
      expect((await browser.get(question.url + query)).html).toContain('Is that you?');
    await expectWaiting(login);
  });

  it.each([
    ['without the form’s token', { csrf: '' }, {}],
    ['with another form’s token', { csrf: 'x'.repeat(43) }, {}],
    ['from another origin', {}, { origin: 'https://evil.example' }],
    ['from another site, as the browser says', {}, { 'sec-fetch-site': 'cross-site' }],
  ])('APR-07: is not answered %s', async (_name, fields, headers) => {
    const { login, browser, question } = await arrive();
    const all = { ...question.fields, decision: 'approve', ...fields };
    expect((await browser.post(question.url, all, headers)).status).toBe(403);
    await expectWaiting(login);
  });

  it('takes a yes or a no, and no other word', async () => {
    const { login, browser, question } = await arrive();
    expect((await browser.submit(question, { decision: 'perhaps' })).status).toBe(400);
    await expectWaiting(login);
  });

  it('is of the browser in which it was begun: somebody who has its address sees nothing', async () => {
    const { login, question } = await arrive();
    const other = await arrive();
    expect((await createFormBrowser().get(question.url)).status).toBe(404);
    expect((await other.browser.get(question.url)).status).toBe(404);
    const all = { ...other.question.fields, decision: 'approve' };
    expect((await other.browser.post(question.url, all)).status).toBe(404);
    await expectWaiting(login);
    await expectWaiting(other.login);
  });

  it('is over once it was answered', async () => {
    const { login, browser, question } = await arrive();
    await browser.submit(question, { decision: 'approve' });
    expect(codeOf(await login.ended)).toBe('logged in');
    const again = await browser.get(question.url);
    expect([again.status, again.html]).toEqual([404, expect.stringContaining('This login is over')]);
  });

  it('OAU-06: lets its form lead to this server and to the port that waits, and nowhere else', async () => {
    const { login, question } = await arrive();
    const { origin } = new URL(login.address.searchParams.get('redirect_uri') ?? '');
    const policy = question.headers.get('content-security-policy') ?? '';
    expect(policy.split('; ')).toContain(`form-action 'self' ${origin}`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(question.headers.get('referrer-policy')).toBe('no-referrer');
    expect(question.html).not.toMatch(/<script|style=/);
    await expectWaiting(login);
  });

  it('S12: shows what a program says of itself as text', async () => {
    const address = new URL((await beginBrowserLogin(server.url).then(keepRunning)).address);
    address.searchParams.set('jit_host', '<b>laptop</b>\u202etfarc');
    const question = await openQuestion(address);
    expect(question.html).toContain('&lt;b&gt;laptop&lt;/b&gt;tfarc');
  });
});

/** Ended with the test file: its port is closed by then. */
function keepRunning(login: RunningLogin): RunningLogin {
  login.stop();
  return login;
}
