import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NO_OBLIGATIONS } from '../../../../src/core/decision.ts';
import { buildAsker, lead, other } from '../../../support/broker.ts';
import {
  findViolations,
  hasBrowser,
  keepScreenshot,
  openBrowser,
  VIEWS,
} from '../../../support/browsers/browser.ts';
import { visit } from '../../../support/browsers/review-browser.ts';
import { openReviewStage, type ReviewStage } from '../../../support/reviews/stage.ts';

const ada = buildAsker('ada', ['engineers', 'payments-oncall']);

let browser: Browser;
let stage: ReviewStage;

beforeAll(async () => {
  if (hasBrowser()) browser = await openBrowser();
});

afterAll(() => browser?.close());

beforeEach(async () => {
  stage = await openReviewStage();
  stage.broker.policy.permitted = true;
  stage.broker.people.push(ada.principal);
});

afterEach(async () => {
  expect(stage.errors).toEqual([]);
  await stage[Symbol.asyncDispose]();
});

/** Something of everything: what is waiting, live, stuck, over. Resolves with the page of each kind. */
async function furnish(): Promise<Readonly<Record<string, string>>> {
  const { broker } = stage;
  const old = await stage.grant({ reason: 'INC-4190 stuck orders' }, ada);
  await broker.store.recordUse(old.id, broker.clock.now());
  await broker.clock.advance(18_000_000);
  await broker.runDue();
  const emergency = await stage.grant(
    { breakGlass: true, reason: 'checkout is down and nobody answers the phone' },
    other,
  );
  broker.policy.obligations = { ...NO_OBLIGATIONS, approvals: 2, approverGroups: ['dba'] };
  const reason =
    'INC-4211: checkout is slow since 14:10, to look at the locks and to stop the stuck migration';
  const both = { scopes: ['prod:db.read', 'prod:db.write'], durationSeconds: 3600 };
  const request = await stage.ask({ ...both, reason, ticket: 'INC-4211' }, ada);
  broker.policy.obligations = NO_OBLIGATIONS;
  await broker.clock.advance(300_000);
  await stage.ask({ scopes: ['prod:db.write'], reason: 'remove the duplicates of this morning’s import' });
  const own = await stage.ask({ scopes: ['prod:db.write'] }, lead);
  broker.target.failAt('remove', 'connection refused');
  const grant = await stage.grant({ reason: 'why is the report empty', durationSeconds: 60 });
  await broker.clock.advance(60_000);
  await broker.runDue();
  return {
    inbox: '/inbox',
    request: `/requests/${request}`,
    own: `/requests/${own}`,
    afterwards: `/requests/${emergency.requestId}`,
    grants: '/grants',
    grant: `/grants/${grant.id}`,
    everyone: '/grants/revoke?everyone=yes',
    history: '/history?user=ada',
    nothing: '/inbox?q=nothing+like+this',
    missing: '/requests/req_none',
  };
}

async function expectGood(page: Page, name: string): Promise<void> {
  await keepScreenshot(page, `review-${name}`);
  expect(await findViolations(page), name).toEqual([]);
  const overflow = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  expect([name, overflow]).toEqual([name, 0]);
}

describe.skipIf(!hasBrowser())('the pages of review in a real browser', () => {
  it.each(VIEWS)('are free of axe violations and fit the window: $name', async (view) => {
    const paths = await furnish();
    const page = await visit({ browser, stage, asker: lead, view });
    for (const [name, path] of Object.entries(paths)) {
      await page.goto(stage.url + path);
      await expectGood(page, `${name}-${view.name}`);
    }
    await page.goto(`${stage.url}/inbox`);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await expectGood(page, `keys-${view.name}`);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'prod:db.write on orders' }).first().focus();
    await page.keyboard.press('a');
    await page.getByRole('dialog', { name: 'Approve this?' }).waitFor();
    await expectGood(page, `approve-${view.name}`);
    await page.context().close();
  });

  it('OAU-06: load nothing from elsewhere and report nothing against their own policy', async () => {
    const paths = await furnish();
    const page = await visit({ browser, stage, asker: lead });
    const [foreign, complaints]: [string[], string[]] = [[], []];
    page.on('request', (request) => {
      if (!request.url().startsWith(`${stage.url}/`)) foreign.push(request.url());
    });
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    const { missing: _, ...present } = paths;
    for (const path of Object.values(present)) await page.goto(stage.url + path);
    expect([foreign, complaints]).toEqual([[], []]);
    await page.context().close();
  });

  it('do everything with script off: filter, approve less, revoke', async () => {
    const id = await stage.ask({ scopes: ['prod:db.read', 'prod:db.write'], durationSeconds: 3600 }, ada);
    await stage.ask({ reason: 'something else altogether' });
    const grant = await stage.grant({}, other);
    const page = await visit({ browser, stage, asker: lead, context: { javaScriptEnabled: false } });
    await page.goto(`${stage.url}/inbox`);
    await page.getByLabel('Filter by').fill('ada');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByText('1 of 2 shown.').waitFor();
    await page.getByRole('link', { name: 'asked by ada' }).click();
    await page.getByLabel('prod:db.write').uncheck();
    await page.getByLabel('For how long').selectOption('15 min');
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Your approval is recorded.').waitFor();
    expect(await stage.broker.store.readRequest(id)).toMatchObject({
      state: 'approved',
      scopes: ['prod:db.read'],
      durationSeconds: 900,
    });
    await page.goto(`${stage.url}/grants`);
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('It is being taken away.').waitFor();
    expect(await stage.broker.store.readGrant(grant.id)).toMatchObject({ state: 'revoking' });
    await page.context().close();
  });
});
