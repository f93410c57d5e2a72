import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  findViolations,
  hasBrowser,
  keepScreenshot,
  openBrowser,
  openPage,
  VIEWS,
} from '../../support/browsers/browser.ts';
import { makeProofKey, poll, startDevice } from '../../support/device-client.ts';
import { type OAuthServer, startOAuthServer, TEST_PIN } from '../../support/oauth-server.ts';

const CLAIMS = { jit_program: 'jit 0.1.0', jit_host: 'ada-laptop', jit_purpose: 'jit login on ada-laptop' };

let server: OAuthServer;
let browser: Browser;

beforeAll(async () => {
  if (!hasBrowser()) return;
  server = await startOAuthServer({ installName: 'Example production' });
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

async function expectGood(page: Page, name: string): Promise<void> {
  await keepScreenshot(page, `device-${name}`);
  expect(await findViolations(page), name).toEqual([]);
  const overflow = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  expect([name, overflow]).toEqual([name, 0]);
}

async function enterPin(page: Page): Promise<void> {
  await page.getByLabel('User').selectOption('dev');
  await page.getByLabel('PIN').fill(TEST_PIN);
  await page.getByRole('button', { name: 'Continue' }).click();
}

describe.skipIf(!hasBrowser())('the device pages in a real browser', () => {
  it.each(VIEWS)('are free of axe violations and fit the window: $name', async (view) => {
    const { userCode } = await startDevice(server.url, CLAIMS);
    const page = await openPage(browser, view);
    await page.goto(`${server.url}/device`);
    await expectGood(page, `code-${view.name}`);
    await page.getByLabel('Code').fill(userCode.toLowerCase());
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByLabel('PIN').fill('wrong');
    await page.getByRole('button', { name: 'Continue' }).click();
    await expectGood(page, `login-${view.name}`);
    await enterPin(page);
    await page.getByRole('button', { name: 'Approve' }).focus();
    await expectGood(page, `confirm-${view.name}`);
    await page.getByRole('button', { name: 'Approve' }).click();
    await expectGood(page, `done-${view.name}`);
    await page.goto(`${server.url}/device?user_code=${userCode}`);
    await expectGood(page, `linked-${view.name}`);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('That code cannot be used').waitFor();
    await expectGood(page, `refused-${view.name}`);
    await page.context().close();
  });

  it('OAU-06: load nothing from elsewhere and report nothing against their own policy', async () => {
    const { userCode } = await startDevice(server.url, CLAIMS);
    const page = await openPage(browser);
    const [foreign, complaints]: [string[], string[]] = [[], []];
    page.on('request', (request) => {
      if (!request.url().startsWith(`${server.url}/`)) foreign.push(request.url());
    });
    page.on('console', (message) => complaints.push(message.text()));
    await page.goto(`${server.url}/device?user_code=${userCode}`);
    await enterPin(page);
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByText('The login was denied').first().waitFor();
    expect([foreign, complaints.filter((text) => !text.includes('favicon'))]).toEqual([[], []]);
    await page.context().close();
  });

  it('DEV-17: a form on another site changes nothing, though the person is logged in', async () => {
    const key = await makeProofKey();
    const { deviceCode, userCode } = await startDevice(server.url, CLAIMS);
    const page = await openPage(browser);
    await page.goto(`${server.url}/device?user_code=${userCode}`);
    await enterPin(page);
    const csrf = await page.locator('input[name=csrf]').first().inputValue();
    await page.route('http://evil.example/**', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" action="${server.url}/device"><input name="csrf" value="${csrf}">
          <input name="user_code" value="${userCode}"><button name="decision" value="approve">Win</button></form>
          <iframe src="${server.url}/device?user_code=${userCode}"></iframe>`,
      }),
    );
    await page.goto('http://evil.example/');
    await page.getByRole('button', { name: 'Win' }).click();
    await page.getByText('This did not work').first().waitFor();
    expect((await poll(server.url, key, deviceCode)).body.error).toBe('authorization_pending');
    await page.context().close();
  });

  it('are passed with the keyboard alone', async () => {
    const key = await makeProofKey();
    const { deviceCode, userCode } = await startDevice(server.url, CLAIMS);
    const page = await openPage(browser);
    await page.goto(`${server.url}/device`);
    await page.keyboard.press('Tab');
    await page.keyboard.type(userCode);
    await page.keyboard.press('Enter');
    await page.getByLabel('PIN').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type(TEST_PIN);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('The terminal is logged in').first().waitFor();
    expect((await poll(server.url, key, deviceCode)).status).toBe(200);
    await page.context().close();
  });
});
