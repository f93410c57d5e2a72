import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFormBrowser } from '../../../src/adapters/form-browser.ts';
import { approve, makeProofKey, openConfirmation, poll, startDevice } from '../../support/device-client.ts';
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
    expect(login.fields).toMatchObject({ user_code: userCode, pin: '' });
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
    expect(page.html).toMatch(/as it says itself.*as it says itself.*as this server saw it/s);
  });

  it('S13: no GET changes anything, whatever is in its address', async () => {
    const key = await makeProofKey();
    const { deviceCode, userCode } = await startDevice(server.url);
    const { browser, page } = await openConfirmation(server.url, userCode);
    const query = new URLSearchParams({ ...page.fields, user_code: userCode, decision: 'approve' });
    for (const path of ['/device', '/device/login', '/device/approved', '/device/denied']) {
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
    for (const path of ['/device', '/device/login', '/device/code']) {
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
    const response = await fetch(`${server.url}/device/login`, { method: 'POST', body });
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

describe('DEV-10: guessing', () => {
  it('a wrong, a used and a denied code, and one too many tries, look alike', async () => {
    const key = await makeProofKey();
    const [used, decided] = [await startDevice(server.url), await startDevice(server.url)];
    await approve(server.url, used.userCode);
    await poll(server.url, key, used.deviceCode);
    await approve(server.url, decided.userCode);
    const { browser } = await openConfirmation(server.url, (await startDevice(server.url)).userCode);
    const bodies = new Set<string>();
    const form = await browser.get(`${server.url}/device`);
    for (const code of ['BBBB-BBBB', used.userCode, decided.userCode, 'zz', ...'BCDFGHJKLM']) {
      const page = await browser.submit(form, { user_code: code });
      expect(page.status).toBe(400);
      bodies.add(page.html.replaceAll(/value="[^"]*"/g, ''));
    }
    expect(bodies.size).toBe(1);
  });

  it('user codes are limited per account, also for 50 guesses at once, and again free after a while', async () => {
    const { userCode } = await startDevice(server.url);
    const { browser } = await openConfirmation(server.url, userCode);
    const form = await browser.get(`${server.url}/device`);
    const guess = (code: string) => browser.submit(form, { user_code: code });
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => guess(`GUESS${'BCDFGHJKLM'[index % 10]}${index}`)),
    );
    expect((await guess(userCode)).status).toBe(400);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 600_000 });
    const fresh = await startDevice(server.url);
    expect((await openConfirmation(server.url, fresh.userCode, { browser })).page.status).toBe(200);
  });

  it('right codes do not count', async () => {
    const { userCode } = await startDevice(server.url);
    const { browser } = await openConfirmation(server.url, userCode);
    const form = await browser.get(`${server.url}/device`);
    for (let index = 0; index < 30; index += 1) {
      expect((await browser.submit(form, { user_code: userCode })).html).toContain('Is that you?');
    }
  });

  it('S13: no GET counts as a guess, and none says whether a code is good', async () => {
    const { userCode } = await startDevice(server.url);
    const { browser } = await openConfirmation(server.url, userCode);
    const look = async (code: string, ticket = '') =>
      browser.get(`${server.url}/device?user_code=${code}&ticket=${ticket}`);
    const pages = await Promise.all([...'BCDFGHJKLMNPQRSTVWXZ'].map((letter) => look(`BBBB-BBB${letter}`)));
    for (const page of [...pages, await look(userCode), await look(userCode, 'x'.repeat(43))]) {
      expect([page.status, page.html.includes('Is that you?')]).toEqual([200, false]);
    }
    expect((await openConfirmation(server.url, userCode, { browser })).page.html).toContain('Is that you?');
  });

  it('a link that was good in one browser says nothing in another', async () => {
    const { userCode } = await startDevice(server.url);
    const { page } = await openConfirmation(server.url, userCode);
    const { browser: other } = await openConfirmation(server.url, userCode, { user: 'dba-lead' });
    expect((await other.get(page.url)).html).not.toContain('Is that you?');
  });

  it('OAU-08: without the PIN nobody gets in, and the tries are limited', async () => {
    const { userCode } = await startDevice(server.url);
    const browser = createFormBrowser();
    const login = await browser.get(`${server.url}/device?user_code=${userCode}`);
    const wrong = [
      { user: 'dev', pin: '000000' },
      { user: 'dev', pin: '' },
      { user: 'nobody', pin: TEST_PIN },
    ];
    const pages = await Promise.all(wrong.map((fields) => browser.submit(login, fields)));
    expect(new Set(pages.map((page) => `${page.status} ${page.html}`)).size).toBe(1);
    expect(pages[0]?.html).toContain('Name and PIN do not fit');
    await Promise.all(
      Array.from({ length: 30 }, (_, index) => browser.submit(login, { user: 'dev', pin: `00000${index}` })),
    );
    const right = await browser.submit(login, { user: 'dev', pin: TEST_PIN });
    expect([right.status, right.html]).toEqual([400, pages[0]?.html]);
  });
});
