import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  findViolations,
  hasBrowser,
  keepScreenshot,
  openBrowser,
  openPage,
  VIEWS,
} from '../../../support/browsers/browser.ts';
import { type CompanyServer, startCompanyServer } from '../../../support/company/provider.ts';
import { startDevice } from '../../../support/device-client.ts';
import { type JitServer, startJitServer } from '../../../support/programs/jit-server.ts';

let company: CompanyServer;
let server: JitServer;
let browser: Browser;

beforeAll(async () => {
  if (!hasBrowser()) return;
  company = await startCompanyServer();
  company.accounts.set('u-1', { name: 'ada', groups: ['engineers'] });
  const identity = { devUsers: [], company: company.settings, workloads: [] };
  server = await startJitServer({ config: { identity } });
  company.trust(`${server.url}/login/callback`);
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
  await company?.[Symbol.asyncDispose]();
});

async function logInThere(page: Page): Promise<void> {
  await page.getByLabel('Account').fill('u-1');
  await page.getByRole('button', { name: 'Log in' }).click();
}

describe.skipIf(!hasBrowser())('a login at the company in a real browser', () => {
  it('leads from the code that was typed, through the company, to the terminal', async () => {
    const { userCode } = await startDevice(server.url, { jit_host: 'ada-laptop' });
    const page = await openPage(browser);
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    await page.goto(`${server.url}/device`);
    await page.getByLabel('Code').fill(userCode);
    await page.getByRole('button', { name: 'Continue' }).click();
    await logInThere(page);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('log in as').waitFor();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('The terminal is logged in').first().waitFor();
    expect(complaints.filter((text) => !/favicon|404/.test(text))).toEqual([]);
    const cookies = await page.context().cookies(server.url);
    expect(cookies.filter(({ name }) => name.startsWith('jit_'))).toEqual([
      expect.objectContaining({ name: 'jit_session', httpOnly: true, sameSite: 'Lax' }),
    ]);
    await page.context().close();
  });

  it('ends with a logout of this browser, which another site cannot cause', async () => {
    const page = await openPage(browser);
    await page.goto(`${server.url}/login?next=/device`);
    await logInThere(page);
    await page.waitForURL(`${server.url}/device`);
    await page.route('http://evil.example/**', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" action="${server.url}/logout"><button>Win</button></form>`,
      }),
    );
    await page.goto('http://evil.example/');
    await page.getByRole('button', { name: 'Win' }).click();
    await page.getByText('This did not work').first().waitFor();
    await page.goto(`${server.url}/login?next=/device`);
    expect(page.url()).toBe(`${server.url}/device`);
    await page.context().close();
  });

  it.each(VIEWS)('has pages free of axe violations that fit the window: $name', async (view) => {
    const page = await openPage(browser, view);
    const look = async (name: string) => {
      await keepScreenshot(page, `company-${name}-${view.name}`);
      expect(await findViolations(page), name).toEqual([]);
      expect(
        await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
      ).toBe(0);
    };
    await page.goto(`${server.url}/logged-out`);
    await look('logged-out');
    await page.goto(`${server.url}/login/callback?state=${'x'.repeat(80)}`);
    await look('stranger');
    // The page goes on by itself at once: what would make it go is taken out, to look at the rest.
    await page.route(
      ({ pathname }) => pathname === '/login',
      async (route) => {
        const response = await route.fetch();
        const body = (await response.text()).replace(/<meta http-equiv="refresh"[^>]*>/, '');
        await route.fulfill({ response, body });
      },
    );
    await page.goto(`${server.url}/login?next=/device`);
    expect(await page.getByRole('link').getAttribute('href', { timeout: 3_000 })).toContain(
      `${company.issuer}/auth?`,
    );
    await look('leaving');
    await page.context().close();
  });
});
