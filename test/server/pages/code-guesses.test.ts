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
