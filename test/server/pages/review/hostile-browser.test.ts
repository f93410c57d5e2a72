import { createServer, type Server } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lead } from '../../../support/broker.ts';
import { hasBrowser, openBrowser } from '../../../support/browsers/browser.ts';
import { readFormFields } from '../../../support/browsers/page-form.ts';
import { visit } from '../../../support/browsers/review-browser.ts';
import { openReviewStage, type ReviewStage } from '../../../support/reviews/stage.ts';

let browser: Browser;
let stage: ReviewStage;
let hostile: Server;
let port: number;
let body: string;

beforeAll(async () => {
  if (!hasBrowser()) return;
  browser = await openBrowser();
  hostile = createServer((_, response) => response.setHeader('content-type', 'text/html').end(body));
  await new Promise<void>((resolve) => hostile.listen(0, '127.0.0.1', resolve));
  const address = hostile.address();
  port = typeof address === 'object' && address ? address.port : 0;
});

afterAll(async () => {
  await browser?.close();
  hostile?.closeAllConnections();
  await new Promise((resolve) => (hostile ? hostile.close(resolve) : resolve(undefined)));
});

let requestId: string;
let grantId: string;

beforeEach(async () => {
  stage = await openReviewStage();
  stage.broker.policy.permitted = true;
  grantId = (await stage.grant()).id;
  requestId = await stage.ask({ scopes: ['prod:db.write'] });
});

afterEach(async () => {
  expect(stage.errors).toEqual([]);
  await stage[Symbol.asyncDispose]();
});

async function expectUnchanged(): Promise<void> {
  expect(await stage.broker.store.readRequest(requestId)).toMatchObject({ state: 'pending', version: 1 });
  expect(await stage.broker.store.readGrant(grantId)).toMatchObject({ state: 'active' });
}

/** What a page elsewhere would send if it knew everything, even this reviewer's CSRF token. */
async function readEverything(page: Page) {
  await page.goto(`${stage.url}/requests/${requestId}`);
  const action = `/requests/${requestId}/decide`;
  const approval = readFormFields(await page.content(), { action, id: 'approve' });
  const { csrf = '' } = approval;
  return [
    [`${stage.url}${action}`, approval],
    [`${stage.url}/grants/${grantId}/revoke`, { csrf }],
    [`${stage.url}/grants/revoke`, { csrf, everyone: 'yes', count: '1' }],
  ] as const;
}

function writeForm(action: string, fields: Readonly<Record<string, string>>): string {
  const inputs = Object.entries(fields).map(([name, value]) => `<input name="${name}" value="${value}">`);
  return `<form method="post" action="${action}">${inputs.join('')}<button>Win</button></form>`;
}

// Another port of the same host is the same site: cookies go along. Another name of it is another site.
const PLACES = ['127.0.0.1', 'localhost'];

describe.skipIf(!hasBrowser())('APR-07: a page on another origin, while a reviewer is logged in', () => {
  it.each(PLACES)('posts forms that change nothing: %s', async (host) => {
    const page = await visit({ browser, stage, asker: lead });
    for (const [action, fields] of await readEverything(page)) {
      body = writeForm(action, fields);
      await page.goto(`http://${host}:${port}/`);
      const [response] = await Promise.all([
        page.waitForResponse((candidate) => candidate.url() === action),
        page.getByRole('button', { name: 'Win' }).click(),
      ]);
      expect([action, response.status()]).toEqual([action, 403]);
    }
    await expectUnchanged();
    await page.context().close();
  });

  it.each(PLACES)('fetches, and neither changes nor reads anything: %s', async (host) => {
    const page = await visit({ browser, stage, asker: lead });
    const attempts = await readEverything(page);
    body = '<p>hostile</p>';
    await page.goto(`http://${host}:${port}/`);
    for (const [action, fields] of attempts) {
      for (const mode of ['cors', 'no-cors']) {
        const read = await page.evaluate(postFrom(action, fields, mode));
        expect([action, mode, read]).toEqual([action, mode, 'refused']);
      }
    }
    for (const path of ['/inbox', `/requests/${requestId}`, '/events']) {
      expect([path, await page.evaluate(readFrom(stage.url + path))]).toEqual([path, 'refused']);
    }
    await expectUnchanged();
    await page.context().close();
  });

  it.each(PLACES)('hears nothing through an EventSource, with cookies or without: %s', async (host) => {
    const page = await visit({ browser, stage, asker: lead });
    body = '<p>hostile</p>';
    await page.goto(`http://${host}:${port}/`);
    for (const withCredentials of [true, false]) {
      const heard = await page.evaluate(
        `new Promise((resolve) => {
          const events = new EventSource(${JSON.stringify(`${stage.url}/events`)}, { withCredentials: ${withCredentials} });
          events.onopen = () => resolve('open');
          events.onerror = () => resolve('closed ' + events.readyState);
        })`,
      );
      expect(heard).toBe('closed 2');
    }
    await page.context().close();
  });

  it.each(PLACES)(
    'changes nothing by images and links to what decides, and frames nothing: %s',
    async (host) => {
      const page = await visit({ browser, stage, asker: lead });
      const paths = [`/requests/${requestId}/decide?decision=approve`, `/grants/${grantId}/revoke`, '/inbox'];
      body = paths
        .map((path) => `<img src="${stage.url}${path}"><iframe src="${stage.url}${path}"></iframe>`)
        .join('');
      const refused: string[] = [];
      page.on('console', (message) => refused.push(message.text()));
      await page.goto(`http://${host}:${port}/`, { waitUntil: 'load' });
      const frames = page.frames().filter((frame) => frame !== page.mainFrame());
      expect(frames).toHaveLength(paths.length);
      for (const frame of frames) {
        await expect.poll(() => frame.url(), { timeout: 10_000 }).toBe('chrome-error://chromewebdata/');
      }
      expect(refused.join('\n')).toMatch(/frame-ancestors|X-Frame-Options/i);
      await expectUnchanged();
      await page.context().close();
    },
  );

  it('the same form on our own page does change something', async () => {
    const page = await visit({ browser, stage, asker: lead });
    await page.goto(`${stage.url}/requests/${requestId}`);
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Your approval is recorded.').waitFor();
    expect(await stage.broker.store.readRequest(requestId)).toMatchObject({ state: 'approved' });
    await page.context().close();
  });
});

function postFrom(action: string, fields: Readonly<Record<string, string>>, mode: string): string {
  const options = `{ method: 'POST', mode: '${mode}', credentials: 'include', body: new URLSearchParams(${JSON.stringify(fields)}) }`;
  return `fetch('${action}', ${options}).then(async (answer) => answer.type + ' ' + await answer.text(), () => 'refused')`;
}

function readFrom(address: string): string {
  return `fetch('${address}', { credentials: 'include' }).then((answer) => answer.text(), () => 'refused')`;
}
