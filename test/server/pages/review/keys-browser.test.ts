import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { approve, deny } from '../../../../src/broker/review/review.ts';
import { NO_OBLIGATIONS } from '../../../../src/core/decision.ts';
import { INBOX_ROWS_PER_PAGE } from '../../../../src/core/limits.ts';
import { buildAsker, lead, other } from '../../../support/broker.ts';
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

/** Requests of different people, oldest first. */
async function askMany(count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let index = 1; index <= count; index += 1) {
    const asker = buildAsker(`eng-${index}`, ['engineers']);
    stage.broker.people.push(asker.principal);
    await stage.broker.clock.advance(1000);
    ids.push(await stage.ask({ reason: `reason number ${index}` }, asker));
  }
  return ids;
}

async function openInbox(path = '/inbox'): Promise<Page> {
  const page = await visit({ browser, stage, asker: lead });
  await page.goto(stage.url + path);
  return page;
}

const findFocus = (page: Page) => page.evaluate('document.activeElement.id');
const read = (id = '') => stage.broker.store.readRequest(id);

describe.skipIf(!hasBrowser())('the keys', () => {
  it('move through the list, also to its next part and back', async () => {
    const ids = await askMany(INBOX_ROWS_PER_PAGE + 2);
    const page = await openInbox();
    await page.keyboard.press('j');
    expect(await findFocus(page)).toBe(`open-${ids[0]}`);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    expect(await findFocus(page)).toBe(`open-${ids[1]}`);
    await page.locator(`#open-${ids[INBOX_ROWS_PER_PAGE - 1]}`).focus();
    await page.keyboard.press('j');
    await page.waitForURL('**/inbox?page=2');
    await page.locator(`#open-${ids[INBOX_ROWS_PER_PAGE]}:focus`).waitFor();
    await page.keyboard.press('k');
    await page.locator(`#open-${ids[INBOX_ROWS_PER_PAGE - 1]}:focus`).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/requests/${ids[INBOX_ROWS_PER_PAGE - 1]}`);
    await page.keyboard.press('u');
    await page.waitForURL('**/inbox');
    await page.context().close();
  });

  it('approve what is looked at, after one more question', async () => {
    const [first, second] = await askMany(2);
    const page = await openInbox();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('a');
    await page.getByText('eng-2: prod:db.read on orders for 10 min').waitFor();
    await page.keyboard.press('Escape');
    expect(await read(second)).toMatchObject({ state: 'pending' });
    await page.keyboard.press('a');
    await page.keyboard.press('Enter');
    await page.getByText('Your approval is recorded.').waitFor();
    expect([(await read(first))?.state, (await read(second))?.state]).toEqual(['pending', 'approved']);
    await page.context().close();
  });

  it('deny with a reason', async () => {
    const [id] = await askMany(1);
    const page = await openInbox();
    await page.keyboard.press('j');
    await page.keyboard.press('d');
    await page.keyboard.type('jk a d ask the on-call');
    await page.keyboard.press('Enter');
    await page.getByText('Denied, and the requester is told why.').waitFor();
    expect(await read(id)).toMatchObject({
      state: 'denied',
      reviews: [{ reason: 'jk a d ask the on-call' }],
    });
    await page.context().close();
  });

  it('decide on the request’s own page', async () => {
    const [id] = await askMany(1);
    const page = await openInbox(`/requests/${id}`);
    await page.keyboard.press('d');
    expect(await findFocus(page)).toBe('deny-reason');
    await page.locator('#main').focus();
    await page.keyboard.press('a');
    expect(await findFocus(page)).toBe('approve-button');
    await page.keyboard.press('Enter');
    await page.getByText('Your approval is recorded.').waitFor();
    expect(await read(id)).toMatchObject({ state: 'approved' });
    await page.context().close();
  });

  it('filter while one types, over all parts of the list, and lead on to what was found', async () => {
    const ids = await askMany(INBOX_ROWS_PER_PAGE + 2);
    const page = await openInbox();
    await page.keyboard.press('/');
    await page.keyboard.type(`eng-${INBOX_ROWS_PER_PAGE + 1}`);
    await page
      .getByText(`1 of ${INBOX_ROWS_PER_PAGE + 2} shown.`)
      .first()
      .waitFor();
    expect(await page.locator('[data-row]').count()).toBe(1);
    expect(await findFocus(page)).toBe('q');
    await page.keyboard.press('Enter');
    expect(await findFocus(page)).toBe(`open-${ids[INBOX_ROWS_PER_PAGE]}`);
    await page.context().close();
  });

  it('can be turned off, and stay off', async () => {
    await askMany(1);
    const page = await openInbox();
    await page.keyboard.press('?');
    await page.getByLabel('Use these keys in this browser').uncheck();
    await page.keyboard.press('Escape');
    await page.reload();
    await page.keyboard.press('j');
    expect(await findFocus(page)).toBe('');
    await page.context().close();
  });
});

describe.skipIf(!hasBrowser())('an open page', () => {
  it('shows what is asked meanwhile, and keeps the focus', async () => {
    const [first] = await askMany(1);
    const page = await openInbox();
    await page.keyboard.press('j');
    const id = await stage.ask({ reason: 'something new' }, other);
    await page.locator(`[data-row="${id}"]`).waitFor();
    expect(await findFocus(page)).toBe(`open-${first}`);
    expect(await page.title()).toBe('Inbox (2) · jit');
    await page.context().close();
  });

  it('moves the focus on when what had it was decided elsewhere', async () => {
    const [first, second] = await askMany(2);
    const page = await openInbox();
    await page.keyboard.press('j');
    await deny(stage.broker, { asker: other, requestId: first ?? '', way: 'cli', reason: 'no' });
    await page.locator(`[data-row="${first}"]`).waitFor({ state: 'detached' });
    expect(await findFocus(page)).toBe(`open-${second}`);
    await page.context().close();
  });

  it('shows the form as it is now when another has approved, with what was typed', async () => {
    stage.broker.policy.obligations = { ...NO_OBLIGATIONS, approvals: 2 };
    const [id = ''] = await askMany(1);
    const page = await openInbox(`/requests/${id}`);
    await page.locator('#deny-reason').fill('because');
    const digest = (await read(id))?.digest ?? '';
    const less = { scopes: null, durationSeconds: 300 };
    await approve(stage.broker, { asker: other, requestId: id, way: 'cli', reason: null, digest, ...less });
    await page.getByText('1 of 2 have approved.').waitFor();
    await page.getByText('This request has changed.').waitFor();
    expect(await page.locator('#deny-reason').inputValue()).toBe('because');
    expect(await findFocus(page)).toBe('deny-reason');
    expect(await page.locator('#duration').inputValue()).toBe('300');
    await page.context().close();
  });

  it('takes the form away when somebody else decided', async () => {
    const [id = ''] = await askMany(1);
    const page = await openInbox(`/requests/${id}`);
    await page.locator('#deny-reason').waitFor();
    await deny(stage.broker, { asker: other, requestId: id, way: 'cli', reason: 'no' });
    await page.getByText('It is denied.').waitFor();
    expect(await page.locator('#deny-reason').count()).toBe(0);
    await page.context().close();
  });
});
