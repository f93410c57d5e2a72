import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { VisitedPage } from '../../../../src/adapters/form-browser.ts';
import { approve } from '../../../../src/broker/review/review.ts';
import { NO_OBLIGATIONS } from '../../../../src/core/decision.ts';
import { dev, lead, other } from '../../../support/broker.ts';
import { postForm, readFormFields } from '../../../support/browsers/page-form.ts';
import { openReviewStage, type ReviewStage } from '../../../support/reviews/stage.ts';

const BOTH = { scopes: ['prod:db.read', 'prod:db.write'], durationSeconds: 3600 };

let stage: ReviewStage;

beforeEach(async () => {
  stage = await openReviewStage();
});

afterEach(async () => {
  expect(stage.errors).toEqual([]);
  await stage[Symbol.asyncDispose]();
});

const read = (id: string) => stage.broker.store.readRequest(id);

/** What somebody sees of a request, and how they answer. */
async function open(id: string, asker = lead) {
  const browser = await stage.browse(asker);
  const page = await browser.get(`${stage.url}/requests/${id}`);
  const action = `/requests/${id}/decide`;
  const answer = (formId: 'approve' | 'deny', set: Readonly<Record<string, string | null>> = {}) =>
    postForm(browser, page, { action, id: formId, set });
  return { browser, page, answer };
}

function textOf({ html }: Pick<VisitedPage, 'html'>): string {
  return html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
}

describe('the page of a request', () => {
  it('shows who asks what, where, how long, why, the ticket, policy’s reasons and what is unusual', async () => {
    await stage.grant({ reason: 'an earlier look at it' });
    await stage.broker.clock.advance(1_200_000);
    await stage.broker.runDue();
    const id = await stage.ask({ ...BOTH, reason: 'INC-4211 slow checkout', ticket: 'INC-4211' });
    const { page } = await open(id);
    expect(page.status).toBe(200);
    const text = textOf(page);
    for (const part of [
      'dev asks for prod:db.read, prod:db.write on orders for 1 h',
      'engineers',
      'INC-4211 slow checkout',
      'the script says needs_people',
      'Never asked for prod:db.write on orders before.',
      'an earlier look at it',
      '127.0.0.1',
      'logged in by device',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('approves all of it', async () => {
    const id = await stage.ask(BOTH);
    const { answer } = await open(id);
    const after = await answer('approve');
    expect([after.status, textOf(after)]).toEqual([
      200,
      expect.stringContaining('Your approval is recorded.'),
    ]);
    expect(await read(id)).toMatchObject({
      state: 'approved',
      ...BOTH,
      reviews: [{ by: { subject: 'dev:lead' }, way: 'page', outcome: 'approved' }],
    });
  });

  it('approves less: a shorter time, and a scope dropped', async () => {
    const id = await stage.ask(BOTH);
    const { answer } = await open(id);
    await answer('approve', { 'keep:prod:db.write': null, duration: '900', reason: 'reading will do' });
    expect(await read(id)).toMatchObject({
      state: 'approved',
      scopes: ['prod:db.read'],
      durationSeconds: 900,
      reviews: [{ reason: 'reading will do' }],
    });
  });

  it.each([
    ['a longer time', { duration: '7200' }, 'is more than the 1 h'],
    [
      'another scope',
      { shown_scopes: 'prod:db.read prod:all', 'keep:prod:all': 'yes' },
      'prod:all was not asked for',
    ],
    ['no scope at all', { 'keep:prod:db.read': null, 'keep:prod:db.write': null }, 'nothing would be left'],
    ['no duration', { duration: '1e3' }, 'that is no duration'],
  ])('APR-05: refuses %s', async (_, set, why) => {
    const id = await stage.ask(BOTH);
    const { answer } = await open(id);
    const after = await answer('approve', set);
    expect([after.status >= 400, textOf(after)]).toEqual([true, expect.stringContaining(why)]);
    expect(await read(id)).toMatchObject({ state: 'pending', version: 1 });
  });

  it('denies with a reason, and not without', async () => {
    const id = await stage.ask();
    const { answer } = await open(id);
    const without = await answer('deny', { reason: '  ' });
    expect([without.status, textOf(without)]).toEqual([
      422,
      expect.stringContaining('The reason is missing.'),
    ]);
    expect(await read(id)).toMatchObject({ state: 'pending' });
    await answer('deny', { reason: 'ask the on-call' });
    expect(await read(id)).toMatchObject({ state: 'denied', reviews: [{ reason: 'ask the on-call' }] });
  });

  it('says of a form that is sent twice that it was done, and not of one that says something else then', async () => {
    const [first, second] = [await stage.ask(BOTH), await stage.ask({ scopes: ['prod:db.read'] })];
    const { answer } = await open(first);
    for (const time of ['once', 'twice'])
      expect([time, textOf(await answer('approve'))]).toEqual([
        time,
        expect.stringContaining('Your approval is recorded.'),
      ]);
    expect((await answer('approve', { duration: '300' })).status).toBe(409);
    expect((await answer('deny', { reason: 'no' })).status).toBe(409);
    expect((await read(first))?.reviews).toHaveLength(1);
    const other = await open(second);
    for (let time = 0; time < 2; time += 1)
      expect(textOf(await other.answer('deny', { reason: 'no' }))).toContain('Denied, and the requester is');
  });

  it('APR-03: decides nothing when it is not what was shown any more, and shows what changed', async () => {
    stage.broker.policy.obligations = { ...NO_OBLIGATIONS, approvals: 2 };
    const id = await stage.ask(BOTH);
    const { answer } = await open(id);
    const digest = (await read(id))?.digest ?? '';
    const less = { scopes: ['prod:db.read'], durationSeconds: 1800 };
    await approve(stage.broker, { asker: other, requestId: id, way: 'cli', reason: null, digest, ...less });
    const after = await answer('approve');
    expect(after.status).toBe(409);
    expect(textOf(after)).toContain('This is not what you looked at any more. Nothing was decided.');
    expect(textOf(after)).toContain('prod:db.write is not asked for any more.');
    expect(textOf(after)).toContain('It is for 30 min now, and was for 1 h.');
    expect((await read(id))?.reviews).toHaveLength(1);
    expect(readFormFields(after.html, { action: '', id: 'approve' }).digest).toBe((await read(id))?.digest);
  });

  it('says that somebody else was quicker', async () => {
    const id = await stage.ask();
    const [first, second] = [await open(id), await open(id, other)];
    await first.answer('approve');
    const after = await second.answer('deny', { reason: 'too late' });
    expect([after.status, textOf(after)]).toEqual([409, expect.stringContaining('is approved already.')]);
    expect(await read(id)).toMatchObject({ state: 'approved' });
  });

  it('says so too where policy would have granted it at once by then', async () => {
    const id = await stage.ask();
    const [first, second] = [await open(id), await open(id, other)];
    stage.broker.policy.outcome = 'automatic';
    await first.answer('approve');
    expect((await second.answer('approve')).status).toBe(409);
  });

  it('APR-01: has no form for one’s own, and refuses one that is posted all the same', async () => {
    const id = await stage.ask({}, lead);
    const { browser, page } = await open(id);
    expect(page.html).not.toContain('/decide"');
    expect(textOf(page)).toContain('Somebody else decides. Who can: other.');
    const { csrf = '' } = readFormFields(page.html, { action: `/requests/${id}/cancel` });
    const digest = (await read(id))?.digest ?? '';
    const after = await browser.post(`${stage.url}/requests/${id}/decide`, {
      csrf,
      digest,
      decision: 'approve',
    });
    expect([after.status, textOf(after)]).toEqual([
      403,
      expect.stringContaining('nobody decides on their own'),
    ]);
    expect(await read(id)).toMatchObject({ state: 'pending' });
    await postForm(browser, page, { action: `/requests/${id}/cancel` });
    expect(await read(id)).toMatchObject({ state: 'cancelled' });
  });

  it('is not there for those who may not see it, in the same words as one that never was', async () => {
    const id = await stage.ask({}, lead);
    const browser = await stage.browse(dev);
    const [hidden, missing] = [
      await browser.get(`${stage.url}/requests/${id}`),
      await browser.get(`${stage.url}/requests/req_0000000000`),
    ];
    expect([hidden.status, missing.status]).toEqual([404, 404]);
    expect(hidden.html.replaceAll(id, 'ID')).toBe(missing.html.replaceAll('req_0000000000', 'ID'));
  });

  it('S12: shows what was written as text, without what is hidden in it', async () => {
    const reason = 'see <script>alert(1)</script> & "quotes" for INC-4211';
    const id = await stage.ask({ reason });
    const { page } = await open(id);
    expect(page.html).toContain(
      'see &lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quotes&quot; for INC-4211',
    );
    expect(page.html.match(/<script/g)).toHaveLength(1);
  });
});
