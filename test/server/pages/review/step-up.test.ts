import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFormBrowser } from '../../../../src/adapters/form-browser.ts';
import { NO_OBLIGATIONS } from '../../../../src/core/decision.ts';
import { lead } from '../../../support/broker.ts';
import { postForm } from '../../../support/browsers/page-form.ts';
import { COOKIE, openReviewStage, type ReviewStage } from '../../../support/reviews/stage.ts';

const OLD_MS = 3_600_000;

let stage: ReviewStage;

beforeEach(async () => {
  stage = await openReviewStage();
  stage.broker.policy.approveObligations = { ...NO_OBLIGATIONS, loginWithinSeconds: 600 };
});

afterEach(() => stage[Symbol.asyncDispose]());

/** A reviewer whose login is an hour old, and who approves. */
async function approveLate(id: string, path = `/requests/${id}`) {
  const browser = createFormBrowser();
  browser.cookies.set(COOKIE, await stage.enter(lead, stage.broker.clock.now() - OLD_MS));
  const page = await browser.get(stage.url + path);
  return {
    browser,
    after: await postForm(browser, page, { action: `/requests/${id}/decide`, id: 'approve' }),
  };
}

describe('an approval that asks for a login of just now', () => {
  it('leads to that login and back to the request, and decides nothing yet', async () => {
    const id = await stage.ask();
    const { after } = await approveLate(id);
    expect(after.status).toBe(401);
    const next = encodeURIComponent(`/requests/${id}?stepped_up=yes`);
    expect(after.html).toContain(
      `<meta http-equiv="refresh" content="0;url=/login?next=${next}&amp;max_age=600"/>`,
    );
    expect(await stage.broker.store.readRequest(id)).toMatchObject({ state: 'pending', version: 1 });
  });

  it('is sent there once: the second time it says why not', async () => {
    const id = await stage.ask();
    const { after } = await approveLate(id, `/requests/${id}?stepped_up=yes`);
    expect(after.status).toBe(401);
    expect(after.html).not.toContain('http-equiv="refresh"');
    expect(after.html).toContain('Policy asks for a login that is not older than 10 min');
  });

  it('goes through with a login that is new', async () => {
    const id = await stage.ask();
    const browser = await stage.browse(lead);
    const page = await browser.get(`${stage.url}/requests/${id}`);
    await postForm(browser, page, { action: `/requests/${id}/decide`, id: 'approve' });
    expect(await stage.broker.store.readRequest(id)).toMatchObject({ state: 'approved' });
  });
});
