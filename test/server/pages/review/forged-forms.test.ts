import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PAGE_FORM_BYTES } from '../../../../src/core/limits.ts';
import { lead, other } from '../../../support/broker.ts';
import { readFormFields } from '../../../support/browsers/page-form.ts';
import { openReviewStage, type ReviewStage } from '../../../support/reviews/stage.ts';

let stage: ReviewStage;
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

/** Every form of the pages, as the reviewer's own page sends it: each would change something. */
async function listForms() {
  const browser = await stage.browse(lead);
  const page = await browser.get(`${stage.url}/requests/${requestId}`);
  const action = `/requests/${requestId}/decide`;
  const approval = readFormFields(page.html, { action, id: 'approve' });
  const { csrf = '' } = approval;
  const forms: readonly (readonly [path: string, fields: Readonly<Record<string, string>>])[] = [
    [action, approval],
    [action, { csrf, decision: 'deny', reason: 'no' }],
    [`/requests/${requestId}/review`, { csrf, outcome: 'accepted', reason: 'fine' }],
    [`/requests/${requestId}/cancel`, { csrf }],
    [`/grants/${grantId}/revoke`, { csrf }],
    ['/grants/revoke', { csrf, user: 'dev' }],
    ['/grants/revoke', { csrf, everyone: 'yes', count: '1' }],
  ];
  return { browser, forms };
}

async function expectUnchanged(): Promise<void> {
  expect(await stage.broker.store.readRequest(requestId)).toMatchObject({ state: 'pending', version: 1 });
  expect(await stage.broker.store.readGrant(grantId)).toMatchObject({ state: 'active' });
}

describe('APR-07: a form that is not from our own page changes nothing', () => {
  it.each([
    ['from another origin', { origin: 'http://evil.example' }],
    ['from another port of this host', { origin: 'http://127.0.0.1:1' }],
    ['from another site', { 'sec-fetch-site': 'cross-site' }],
    ['from another origin of the same site', { 'sec-fetch-site': 'same-site' }],
    ['that somebody typed', { 'sec-fetch-site': 'none' }],
    ['from a page without origin', { origin: 'null' }],
  ])('%s', async (_, headers) => {
    const { browser, forms } = await listForms();
    for (const [path, fields] of forms) {
      expect([path, (await browser.post(stage.url + path, fields, headers)).status]).toEqual([path, 403]);
    }
    await expectUnchanged();
  });

  it('with no CSRF token, a wrong one, or that of another session', async () => {
    const { browser, forms } = await listForms();
    const theirs = await (await stage.browse(other)).get(`${stage.url}/inbox`);
    const stolen = readFormFields(theirs.html, { action: '/logout' }).csrf ?? '';
    for (const [path, fields] of forms) {
      for (const csrf of ['', 'x', stolen]) {
        expect([path, (await browser.post(stage.url + path, { ...fields, csrf })).status]).toEqual([
          path,
          403,
        ]);
      }
    }
    await expectUnchanged();
  });

  it('in no form that a browser posts: JSON, text, a field twice, too much', async () => {
    const { browser, forms } = await listForms();
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    for (const [path, fields] of forms) {
      const form = new URLSearchParams(fields).toString();
      const bodies: readonly (readonly [type: string, body: string, status: number])[] = [
        ['application/json', JSON.stringify(fields), 400],
        ['text/plain', form, 400],
        ['application/x-www-form-urlencoded', `${form}&csrf=${fields.csrf}`, 400],
        ['application/x-www-form-urlencoded', `${form}&more=${'x'.repeat(PAGE_FORM_BYTES)}`, 413],
      ];
      for (const [type, body, status] of bodies) {
        const headers = { 'content-type': type, cookie };
        const response = await fetch(stage.url + path, { method: 'POST', body, headers });
        expect([path, type, response.status]).toEqual([path, type, status]);
      }
    }
    await expectUnchanged();
  });

  it('after the session ended; it leads to the login', async () => {
    const { browser, forms } = await listForms();
    await stage.broker.clock.advance(43_200_001);
    const [path = '', fields = {}] = forms[0] ?? [];
    const after = await browser.post(stage.url + path, fields);
    expect([after.status, after.html]).toEqual([
      401,
      expect.stringContaining(`/login?next=%2Frequests%2F${requestId}`),
    ]);
  });

  it('though every one of them does when it is from our own page', async () => {
    const { browser, forms } = await listForms();
    const own = { origin: stage.url, 'sec-fetch-site': 'same-origin' };
    const [approval, , , , revocation] = forms;
    for (const [path, fields] of [approval, revocation].filter((form) => form !== undefined)) {
      expect((await browser.post(stage.url + path, fields, own)).status).toBe(200);
    }
    expect(await stage.broker.store.readRequest(requestId)).toMatchObject({ state: 'approved' });
    expect(await stage.broker.store.readGrant(grantId)).toMatchObject({ state: 'revoking' });
  });
});

describe('APR-07: the stream of changes', () => {
  it('is for our own pages and for those who are logged in', async () => {
    const cookie = `jit_session=${await stage.enter(lead)}`;
    const statusFor = async (headers: Readonly<Record<string, string>>) => {
      const stop = new AbortController();
      const response = await fetch(`${stage.url}/events`, { headers, signal: stop.signal });
      stop.abort();
      return response.status;
    };
    expect(await statusFor({ cookie })).toBe(200);
    expect(await statusFor({ cookie, 'sec-fetch-site': 'same-origin' })).toBe(200);
    expect(await statusFor({ cookie, 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(await statusFor({ cookie, 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await statusFor({})).toBe(401);
  });
});
