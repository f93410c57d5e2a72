import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFormBrowser } from '../../../src/adapters/form-browser.ts';
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

describe('the device page', () => {
  it('leads a person without a code from the code to the login to the question', async () => {
    const { userCode } = await startDevice(server.url);
    const browser = createFormBrowser();
    const first = await browser.get(`${server.url}/device`);
    expect(first.fields).toHaveProperty('user_code', '');
    const login = await browser.submit(first, { user_code: userCode });
    expect(login.fields).toMatchObject({ next: `/device?user_code=${userCode.replace('-', '')}`, pin: '' });
    const question = await browser.submit(login, { user: 'dba-lead', pin: TEST_PIN });
    expect(question.html).toContain('log in as <strong>dba-lead</strong>');
    const done = await browser.submit(question, { decision: 'approve' });
    expect(done.html).toContain('You can close this window');
  });

  it('DEV-12: shows program, host, address, time and purpose, and asks whether that is you', async () => {
    const { userCode } = await startDevice(server.url, {
      jit_program: 'jit 0.1.0',
      jit_host: 'laptop-7',
      jit_purpose: 'log in to production',
    });
    const { page } = await openConfirmation(server.url, userCode);
    for (const part of ['Is that you?', userCode, 'jit 0.1.0', 'laptop-7', '127.0.0.1']) {
      expect(page.html).toContain(part);
    }
    expect(page.html).toMatch(/log in to production/);
    expect(page.html).toMatch(/\d\d:\d\d, \d+ s ago/);
    expect(page.html).toMatch(/self-reported.*self-reported.*as this server saw it/s);
  });

  it('S13: no GET changes anything, whatever is in its address', async () => {
    const key = await makeProofKey();
    const { deviceCode, userCode } = await startDevice(server.url);
    const { browser, page } = await openConfirmation(server.url, userCode);
    const query = new URLSearchParams({ ...page.fields, user_code: userCode, decision: 'approve' });
    for (const path of ['/device', '/login', '/device/approved', '/device/denied']) {
      await browser.get(`${server.url}${path}?${query}`);
    }
    expect((await poll(server.url, key, deviceCode)).body.error).toBe('authorization_pending');
  });

  it('DEV-17: no POST counts without the CSRF token of this very browser', async () => {
    const key = await makeProofKey();
    const { deviceCode, userCode } = await startDevice(server.url);
    const { browser, page } = await openConfirmation(server.url, userCode);
    const other = await openConfirmation(server.url, userCode, { user: 'dba-lead' });
    const fields = { user_code: userCode, decision: 'approve' };
    const forged: readonly Readonly<Record<string, string>>[] = [
      fields,
      { ...fields, csrf: '' },
      { ...fields, csrf: 'x'.repeat(43) },
      { ...fields, csrf: other.page.fields.csrf ?? '' },
    ];
    for (const form of forged) {
      expect((await browser.post(`${server.url}/device`, form)).status).toBe(403);
    }
    const withoutCookie = { ...fields, csrf: page.fields.csrf ?? '' };
    expect((await createFormBrowser().post(`${server.url}/device`, withoutCookie)).status).toBe(403);
    expect((await poll(server.url, key, deviceCode)).body.error).toBe('authorization_pending');
  });

  it.each<Record<string, string>>([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
  ])('DEV-17: a POST that comes from elsewhere does not count: %j', async (headers) => {
    const { userCode } = await startDevice(server.url);
    const { browser, page } = await openConfirmation(server.url, userCode);
    const fields = { ...page.fields, decision: 'approve' };
    expect((await browser.post(`${server.url}/device`, fields, headers)).status).toBe(403);
    const own = { origin: server.url, 'sec-fetch-site': 'same-origin' };
    expect((await browser.post(`${server.url}/device`, fields, own)).status).toBe(200);
  });

  it('changes the session id at login, and the one from before is good for nothing', async () => {
    const { userCode } = await startDevice(server.url);
    const browser = createFormBrowser();
    const login = await browser.get(`${server.url}/device?user_code=${userCode}`);
    const before = browser.cookies.get('jit_session') ?? '';
    await browser.submit(login, { user: 'dev', pin: TEST_PIN });
    const after = browser.cookies.get('jit_session') ?? '';
    expect(after).not.toBe(before);
    expect(Buffer.from(after, 'base64url')).toHaveLength(32);
    browser.cookies.set('jit_session', before);
    expect((await browser.get(`${server.url}/device?user_code=${userCode}`)).fields).toHaveProperty('pin');
  });

  it('asks for the PIN again when the session was idle or has ended', async () => {
    const { userCode } = await startDevice(server.url);
    const { browser } = await openConfirmation(server.url, userCode);
    const look = async () => (await browser.get(`${server.url}/device?user_code=${userCode}`)).fields;
    for (let minutes = 0; minutes < 12 * 60 - 50; minutes += 50) {
      server.clock.skewMs += 50 * 60_000;
      await look();
    }
    expect(await look()).not.toHaveProperty('pin');
    server.clock.skewMs += 50 * 60_000;
    expect(await look()).toHaveProperty('pin');
    const { browser: idle } = await openConfirmation(server.url, userCode);
    server.clock.skewMs += 3_600_000;
    const page = await idle.get(`${server.url}/device?user_code=${userCode}`);
    expect(page.fields).toHaveProperty('pin');
  });

  it.each(['junk', 'x'.repeat(42), `${'x'.repeat(43)}=`, '%00', ''])(
    'replaces what somebody else set as the cookie: %j',
    async (junk) => {
      const { userCode } = await startDevice(server.url);
      const browser = createFormBrowser();
      browser.cookies.set('jit_session', junk);
      const login = await browser.get(`${server.url}/device?user_code=${userCode}`);
      const question = await browser.submit(login, { user: 'dev', pin: TEST_PIN });
      expect(question.html).toContain('Is that you?');
      expect(browser.cookies.get('jit_session')).toMatch(/^[\w-]{43}$/);
    },
  );

  it('finds its own cookie behind one that another service set for the path', async () => {
    const { userCode } = await startDevice(server.url);
    const { browser } = await openConfirmation(server.url, userCode);
    const cookie = `jit_session=junk; jit_session=${browser.cookies.get('jit_session')}`;
    const page = await fetch(`${server.url}/device`, { headers: { cookie } });
    expect(page.headers.get('set-cookie')).toBeNull();
  });

  it.each([
    ['a body of parts that has none', 'multipart/form-data', 'x'],
    [
      'parts',
      'multipart/form-data; boundary=b',
      '--b\r\ncontent-disposition: form-data; name="csrf"\r\n\r\nx\r\n--b--',
    ],
    ['JSON', 'application/json', '{"csrf":"x"}'],
    ['text', 'text/plain', 'csrf=x'],
    ['a name twice', 'application/x-www-form-urlencoded', 'csrf=x&csrf=y'],
    ['bytes that are no UTF-8', 'application/x-www-form-urlencoded', 'csrf=%ff'],
  ])('answers %s in words, as a bad form', async (_, type, body) => {
    for (const path of ['/device', '/login', '/device/code']) {
      const headers = { 'content-type': type };
      const response = await fetch(server.url + path, { method: 'POST', headers, body });
      expect([response.status, await response.text()]).toEqual([
        400,
        expect.stringContaining('is not a form'),
      ]);
    }
  });

  it('INP-01: refuses a form that is too large, in words', async () => {
    const body = new URLSearchParams({ csrf: 'x'.repeat(9000) });
    const response = await fetch(`${server.url}/login`, { method: 'POST', body });
    expect([response.status, await response.text()]).toEqual([413, expect.stringContaining('too large')]);
  });

  it('lets a person change the account without losing the code', async () => {
    const { userCode } = await startDevice(server.url);
    const { browser } = await openConfirmation(server.url, userCode);
    const login = await browser.get(`${server.url}/device?user_code=${userCode}&as=other`);
    const question = await browser.submit(login, { user: 'dba-lead', pin: TEST_PIN });
    expect(question.html).toContain('<strong>dba-lead</strong>');
  });
});
