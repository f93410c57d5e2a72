import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deny } from '../../../../src/broker/review/review.ts';
import { lead, other } from '../../../support/broker.ts';
import { hasBrowser, openBrowser } from '../../../support/browsers/browser.ts';
import { visit } from '../../../support/browsers/review-browser.ts';
import { openReviewStage, type ReviewStage } from '../../../support/reviews/stage.ts';

let browser: Browser;
let stage: ReviewStage;

beforeAll(async () => {
  if (hasBrowser()) browser = await openBrowser();
});

afterAll(() => browser?.close());

beforeEach(async () => {
  stage = await openReviewStage();
});

afterEach(async () => {
  expect(stage.errors).toEqual([]);
  await stage[Symbol.asyncDispose]();
});

describe.skipIf(!hasBrowser())('a page that is left open', () => {
  it('listens again where something between answered for the server, and misses nothing', async () => {
    const page = await visit({ browser, stage, asker: lead });
    let refused = 0;
    await page.route('**/events*', async (route) => {
      refused += 1;
      if (refused === 1) await route.fulfill({ status: 502, contentType: 'text/html', body: 'bad gateway' });
      else await route.continue();
    });
    await page.clock.install();
    await page.goto(`${stage.url}/inbox`);
    await expect.poll(() => refused).toBe(1);
    const id = await stage.ask({ reason: 'asked while nobody listened' }, other);
    await expect.poll(() => page.clock.runFor(1000).then(() => refused)).toBe(2);
    await expect
      .poll(() => page.clock.runFor(1000).then(() => page.locator(`[data-row="${id}"]`).count()))
      .toBe(1);
    await page.context().close();
  });

  it('says when its session is over, and leads to the login and back', async () => {
    const page = await visit({ browser, stage, asker: lead });
    await page.route('**/events*', (route) => route.fulfill({ status: 401, body: '' }));
    await page.clock.install();
    await page.goto(`${stage.url}/inbox?q=orders`);
    const notice = page.getByText('You are not logged in any more');
    expect(await notice.isVisible()).toBe(false);
    await page.context().clearCookies();
    await expect.poll(() => page.clock.runFor(1000).then(() => notice.isVisible())).toBe(true);
    await page.getByRole('link', { name: 'Log in again' }).click();
    await page.waitForURL('**/login?next=%2Finbox%3Fq%3Dorders');
    await page.context().close();
  });

  it('follows on from the answer to a form, too', async () => {
    const id = await stage.ask({}, other);
    const page = await visit({ browser, stage, asker: lead });
    await page.goto(`${stage.url}/requests/${id}`);
    await page.getByLabel('Reason for denying').fill(' ');
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByText('The reason is missing.').waitFor();
    expect(new URL(page.url()).pathname).toBe(`/requests/${id}/decide`);
    await deny(stage.broker, { asker: lead, requestId: id, way: 'cli', reason: 'no' });
    await page.getByText('It is denied.').waitFor();
    await page.goto(page.url());
    expect(new URL(page.url()).pathname).toBe(`/requests/${id}`);
    await page.context().close();
  });
});
