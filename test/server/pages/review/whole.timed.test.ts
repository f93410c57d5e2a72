import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFormBrowser, type VisitedPage } from '../../../../src/adapters/form-browser.ts';
import { SAMPLE_CATALOGUE } from '../../../../src/core/config/default.ts';
import { postForm } from '../../../support/browsers/page-form.ts';
import { type JitServer, type Someone, startJitServer } from '../../../support/programs/jit-server.ts';

const PIN = '314159';

let server: JitServer;
let dev: Someone;

beforeEach(async () => {
  server = await startJitServer({
    config: {
      scopes: SAMPLE_CATALOGUE.scopes,
      targets: SAMPLE_CATALOGUE.targets.map((target) => ({ ...target, kind: 'token', settings: {} })),
    },
  });
  dev = await server.logIn('dev');
});

afterEach(async () => {
  expect(server.errors).toEqual([]);
  await server[Symbol.asyncDispose]();
});

/** Somebody goes to a page, is asked to log in, and is led on to it. */
async function enter(user: string, path: string) {
  const browser = createFormBrowser();
  const login = await browser.get(server.url + path);
  expect(new URL(login.url).pathname).toBe('/login');
  const page = await browser.submit(login, { user, pin: PIN });
  expect(page.url).toBe(server.url + path);
  return { browser, page };
}

/** A request that people decide, and a terminal that waits for it. */
async function askAndWait() {
  const { request } = await dev.backend.submit({
    scopes: ['prod:db.write'],
    target: 'orders',
    durationSeconds: 900,
    reason: 'INC-4211 slow checkout',
    ticket: null,
    extendsGrantId: null,
    breakGlass: false,
    idempotencyKey: crypto.randomUUID(),
  });
  const waiting = dev.backend.follow(request.id, { state: 'pending', given: 0, told: 0 });
  return { request, waiting };
}

const ROUNDS = 50;
const REACHES_WITHIN_MS = 300;

const idsOf = ({ html }: VisitedPage) => [...html.matchAll(/data-row="([^"]+)"/g)].map(([, id = '']) => id);

describe('the pages of the whole server', () => {
  it('take a reviewer from the login to a decision that reaches the waiting terminal; the holder gives it back', async () => {
    const { request, waiting } = await askAndWait();
    const { browser, page } = await enter('dba-lead', '/inbox');
    expect(idsOf(page)).toEqual([request.id]);
    const shown = await browser.get(`${server.url}/requests/${request.id}`);
    await postForm(browser, shown, {
      action: `/requests/${request.id}/decide`,
      id: 'approve',
      set: { duration: '300' },
    });
    expect(await waiting).toMatchObject({ state: 'approved', durationSeconds: 300 });
    const { grant } = await dev.backend.claim(request.id);
    const grants = await browser.get(`${server.url}/grants`);
    expect(idsOf(grants)).toContain(grant.id);
    const { browser: own } = await enter('dev', '/grants');
    await postForm(own, await own.get(`${server.url}/grants`), { action: `/grants/${grant.id}/revoke` });
    expect(await dev.backend.readGrant(grant.id)).toMatchObject({ endedBecause: 'done' });
  });

  it('are closed after logging out', async () => {
    const { browser, page } = await enter('dba-lead', '/inbox');
    const after = await postForm(browser, page, { action: '/logout' });
    expect(new URL(after.url).pathname).toBe('/logged-out');
    expect(new URL((await browser.get(`${server.url}/inbox`)).url).pathname).toBe('/login');
  });

  it(`reach whoever waits within ${REACHES_WITHIN_MS} ms, in the middle of ${ROUNDS} decisions`, async () => {
    const { browser } = await enter('dba-lead', '/inbox');
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const { request, waiting } = await askAndWait();
      const reached = waiting.then(({ state }) => ({ state, atMs: performance.now() }));
      const page = await browser.get(`${server.url}/requests/${request.id}`);
      const decidedMs = performance.now();
      await postForm(browser, page, {
        action: `/requests/${request.id}/decide`,
        id: 'deny',
        set: { reason: 'no' },
      });
      const { state, atMs } = await reached;
      expect(state).toBe('denied');
      times.push(atMs - decidedMs);
    }
    const median = times.toSorted((left, right) => left - right)[ROUNDS / 2] ?? Number.POSITIVE_INFINITY;
    expect(median).toBeLessThan(REACHES_WITHIN_MS);
  });
});
