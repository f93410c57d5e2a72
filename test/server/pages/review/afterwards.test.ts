import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dev, lead, other } from '../../../support/broker.ts';
import { postForm } from '../../../support/browsers/page-form.ts';
import { openReviewStage, type ReviewStage } from '../../../support/reviews/stage.ts';

let stage: ReviewStage;
const REASON = 'production is down and nobody of the database team answers the phone';

beforeEach(async () => {
  stage = await openReviewStage();
});

afterEach(() => stage[Symbol.asyncDispose]());

async function breakGlass(): Promise<string> {
  return (await stage.grant({ breakGlass: true, reason: REASON })).requestId;
}

describe('break-glass, afterwards', () => {
  it('is in the inbox of those who may look at it, and is marked when nobody did in time', async () => {
    const id = await breakGlass();
    const browser = await stage.browse(lead);
    const before = await browser.get(`${stage.url}/inbox`);
    expect(before.html).toContain('Break-glass to look at');
    expect(before.html).toContain(`href="/requests/${id}"`);
    expect(before.html).not.toContain('review overdue');
    const { afterwards } = (await stage.broker.store.readRequest(id)) ?? {};
    await stage.broker.clock.advance((afterwards?.dueAt ?? 0) - stage.broker.clock.now());
    const late = await (await stage.browse(lead)).get(`${stage.url}/inbox`);
    expect(late.html).toContain('review overdue');
  });

  it.each(['accepted', 'objected'])('is %s with what was found', async (outcome) => {
    const id = await breakGlass();
    const browser = await stage.browse(lead);
    const page = await browser.get(`${stage.url}/requests/${id}`);
    const action = `/requests/${id}/review`;
    const without = await postForm(browser, page, { action, set: { outcome, reason: '' } });
    expect([without.status, without.html]).toEqual([422, expect.stringContaining('The reason is missing.')]);
    const lost = await postForm(browser, page, { action, set: { outcome: '', reason: 'lost a field' } });
    expect(lost.status).toBe(400);
    const after = await postForm(browser, page, { action, set: { outcome, reason: 'looked at the log' } });
    expect(after.html).toContain('looked at the log');
    expect(await stage.broker.store.readRequest(id)).toMatchObject({
      afterwards: { review: { outcome, reason: 'looked at the log', way: 'page' } },
    });
    const twice = await postForm(browser, page, { action, set: { outcome, reason: 'looked at the log' } });
    expect([twice.status, twice.html]).toEqual([200, expect.stringContaining('is recorded.')]);
  });

  it('is marked wherever the grant is shown, also when it was reviewed', async () => {
    stage.broker.policy.may = () => true;
    const grant = await stage.grant({ breakGlass: true, reason: REASON });
    const browser = await stage.browse(lead);
    const page = await browser.get(`${stage.url}/requests/${grant.requestId}`);
    const set = { outcome: 'accepted', reason: 'looked at the log' };
    await postForm(browser, page, { action: `/requests/${grant.requestId}/review`, set });
    for (const path of ['/grants', `/grants/${grant.id}`, '/grants/revoke?everyone=yes']) {
      const { html } = await browser.get(`${stage.url}${path}`);
      expect([path, html.match(/<span class="tag danger">break-glass<\/span>/g)]).toEqual([
        path,
        [expect.any(String)],
      ]);
    }
    await stage.grant({}, other);
    const { html } = await browser.get(`${stage.url}/grants`);
    expect(html.split('data-row=')).toHaveLength(3);
    expect(html.split('>break-glass<')).toHaveLength(2);
  });

  it('APR-01: is not reviewed by whoever broke the glass', async () => {
    const id = await breakGlass();
    const browser = await stage.browse(dev);
    const page = await browser.get(`${stage.url}/requests/${id}`);
    expect(page.html).not.toContain(`/requests/${id}/review`);
    expect(page.html).toContain('Somebody else has to review it.');
  });
});
