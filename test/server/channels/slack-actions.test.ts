import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approve } from '../../../src/broker/review/review.ts';
import { dev, lead, other } from '../../support/broker.ts';
import { listButtons, readCard, type SlackPerson } from '../../support/slack/fake-slack.ts';
import { openSlackStage, type SlackStage } from '../../support/slack/stage.ts';

const LEAD: SlackPerson = { id: 'U0LEAD', team: 'T0JIT', name: 'lead' };
const DEV: SlackPerson = { id: 'U0DEV', team: 'T0JIT', name: 'dev' };
const OTHER: SlackPerson = { id: 'U0OTHER', team: 'T0JIT', name: 'other' };

let stage: SlackStage;
beforeEach(async () => {
  stage = await openSlackStage();
  await stage.link(LEAD, lead);
  await stage.link(DEV, dev);
});
afterEach(async () => {
  expect(stage.slack.faults).toEqual([]);
  expect(stage.errors).toEqual([]);
  await stage[Symbol.asyncDispose]();
});

/** The newest message that only one person saw. */
async function seeWhisper(): Promise<string> {
  const { body } = await stage.slack.see('chat.postEphemeral');
  return `${body.user}: ${readCard(body)}`;
}

describe('a click at Slack', () => {
  it('on Approve is an approval by the person who linked that account, and the card says so', async () => {
    const request = await stage.ask();
    expect(await stage.press('approve', LEAD)).toEqual({ status: 200, body: '' });
    expect(await stage.read(request)).toMatchObject({
      state: 'approved',
      reviews: [{ by: { subject: 'dev:lead' }, outcome: 'approved', way: 'slack' }],
    });
    await stage.broker.runDue();
    expect(readCard(stage.card())).toContain('lead approved at');
    expect(listButtons(stage.card()).map(({ action_id }) => action_id)).toEqual(['open']);
  });

  it('on Deny asks for the reason, and denies with it', async () => {
    const request = await stage.ask();
    expect((await stage.press('deny', LEAD)).status).toBe(200);
    expect((await stage.read(request))?.state).toBe('pending');
    expect(await stage.submit('not during the freeze', LEAD)).toEqual({ status: 200, body: '' });
    expect(await stage.read(request)).toMatchObject({
      state: 'denied',
      reviews: [{ by: { subject: 'dev:lead' }, reason: 'not during the freeze', way: 'slack' }],
    });
  });

  it('on what only leads somewhere changes nothing', async () => {
    await stage.ask();
    expect(await stage.press('open', LEAD)).toEqual({ status: 200, body: '' });
    expect(stage.slack.calls.filter(({ method }) => method !== 'chat.postMessage')).toEqual([]);
  });

  it('is answered at once while Slack itself does not answer', async () => {
    await stage.ask();
    stage.slack.answerNext('views.open', null);
    const startedAt = performance.now();
    expect((await stage.press('deny', LEAD)).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(2_900);
    expect(stage.errors).toEqual([]);
  });

  it('one of two needed leaves it pending, and a second by the same person is refused', async () => {
    stage.broker.policy.obligations = { ...stage.broker.policy.obligations, approvals: 2 };
    const request = await stage.ask();
    await stage.press('approve', LEAD);
    await stage.broker.runDue();
    expect(readCard(stage.card())).toContain('1 of 2 approved');
    await stage.press('approve', LEAD);
    expect(await seeWhisper()).toContain('U0LEAD: you have approved');
    await stage.link(OTHER, other);
    await stage.press('approve', OTHER);
    expect((await stage.read(request))?.state).toBe('approved');
  });
});

describe('what a click at Slack cannot do', () => {
  it('APR-01: one cannot approve or deny through the chat what one asked for oneself, and the attempt is recorded', async () => {
    const request = await stage.ask();
    await stage.press('approve', DEV);
    expect(await seeWhisper()).toContain(`U0DEV: ${request.id} is your own request`);
    await stage.press('deny', DEV);
    const { body } = await stage.submit('changed my mind', DEV);
    expect(JSON.parse(body)).toMatchObject({
      response_action: 'errors',
      errors: { reason: expect.stringContaining('your own request') },
    });
    expect((await stage.read(request))?.state).toBe('pending');
    const refused = (await stage.listEvents(request)).filter(({ kind }) => kind === 'request.review_refused');
    expect(refused.map(({ actor }) => actor)).toEqual(['dev:dev', 'dev:dev']);
  });

  it('APR-01: nor through another account at Slack that one linked', async () => {
    const request = await stage.ask();
    const second: SlackPerson = { id: 'U0SECOND', team: 'T0JIT', name: 'nobody in particular' };
    await stage.link(second, dev);
    await stage.press('approve', second);
    expect(await seeWhisper()).toContain('is your own request');
    expect((await stage.read(request))?.state).toBe('pending');
  });

  it('an account that nobody linked is told how to, and decides nothing', async () => {
    const request = await stage.ask();
    expect((await stage.press('approve', OTHER)).status).toBe(200);
    expect(await seeWhisper()).toContain('U0OTHER: jit does not know who you are here');
    const { body } = await stage.slack.see('chat.postEphemeral');
    expect(listButtons(body)[0]?.url).toMatch(new RegExp(`^${stage.url}/channels/slack/link\\?state=`));
    expect((await stage.read(request))?.reviews).toEqual([]);
  });

  it('nor does one of the same name in another team', async () => {
    const request = await stage.ask();
    await stage.press('approve', { ...LEAD, team: 'T0EVIL' });
    expect(await seeWhisper()).toContain('does not know who you are');
    expect((await stage.read(request))?.reviews).toEqual([]);
  });

  it('an account that was linked again is the new person, and no longer the old one', async () => {
    const request = await stage.ask();
    await stage.link(LEAD, dev);
    await stage.press('approve', LEAD);
    expect(await seeWhisper()).toContain('is your own request');
    expect((await stage.read(request))?.reviews).toEqual([]);
  });

  it('who is not here any more decides nothing, nor whose logins were ended', async () => {
    const request = await stage.ask();
    await stage.people.unlink('dev:lead');
    await stage.press('approve', LEAD);
    expect(await seeWhisper()).toContain('does not know who you are');
    await stage.link(LEAD, lead);
    stage.broker.people.splice(0, stage.broker.people.length, dev.principal);
    await stage.press('approve', LEAD);
    await stage.slack.see('chat.postEphemeral', 2);
    expect((await stage.read(request))?.reviews).toEqual([]);
  });

  it('who is of no group that may, by now, decides nothing (APR-04)', async () => {
    const request = await stage.ask();
    const demoted = { ...lead.principal, groups: ['engineers'] };
    stage.broker.people.splice(0, stage.broker.people.length, dev.principal, demoted);
    await stage.press('approve', LEAD);
    expect(await seeWhisper()).toContain(`there is no request ${request.id}`);
    expect((await stage.read(request))?.reviews).toEqual([]);
  });

  it('a link is good for 90 days', async () => {
    await stage.broker.clock.advance(90 * 86_400_000);
    const request = await stage.ask();
    await stage.press('approve', LEAD);
    expect((await stage.read(request))?.state).toBe('approved');
    await stage.broker.clock.advance(1);
    await stage.ask({ scopes: ['prod:db.write'] });
    await stage.press('approve', LEAD);
    expect(await seeWhisper()).toContain('does not know who you are');
  });

  it.each([
    ['a recent login', { loginWithinSeconds: 900 }],
    ['a strong login', { loginStrengths: ['mfa'] }],
  ])('where policy wants %s, the page is where to decide', async (_what, wants) => {
    stage.broker.policy.approveObligations = { ...stage.broker.policy.approveObligations, ...wants };
    const request = await stage.ask();
    await stage.broker.clock.advance(1_000_000);
    await stage.press('approve', LEAD);
    expect(await seeWhisper()).toContain('Decide on the page.');
    const { body } = await stage.slack.see('chat.postEphemeral');
    expect(listButtons(body)[0]?.url).toBe(`${stage.url}/requests/${request.id}`);
    expect((await stage.read(request))?.reviews).toEqual([]);
  });

  it('APR-03: a card that shows what the request is no longer approves nothing and denies nothing', async () => {
    stage.broker.policy.obligations = { ...stage.broker.policy.obligations, approvals: 2 };
    const request = await stage.ask();
    const order = { asker: other, requestId: request.id, way: 'page', reason: null, scopes: null } as const;
    await approve(stage.broker, { ...order, durationSeconds: 60, digest: request.digest });
    await stage.press('approve', LEAD);
    expect(await seeWhisper()).toContain('is not what you looked at any more');
    await stage.press('deny', LEAD);
    await stage.slack.see('chat.postEphemeral', 2);
    expect(stage.slack.calls.some(({ method }) => method === 'views.open')).toBe(false);
    expect(await stage.read(request)).toMatchObject({
      state: 'pending',
      reviews: [{ by: { name: 'other' } }],
    });
  });

  it('APR-03: nor does a form that was opened before', async () => {
    stage.broker.policy.obligations = { ...stage.broker.policy.obligations, approvals: 2 };
    const request = await stage.ask();
    await stage.press('deny', LEAD);
    await stage.slack.see('views.open');
    const order = { asker: other, requestId: request.id, way: 'page', reason: null, scopes: null } as const;
    await approve(stage.broker, { ...order, durationSeconds: 60, digest: request.digest });
    const { body } = await stage.submit('no', LEAD);
    expect(body).toContain('is not what you looked at any more');
    expect((await stage.read(request))?.state).toBe('pending');
  });

  it('a reason that others could not read is refused in the form, which stays open', async () => {
    const request = await stage.ask();
    await stage.press('deny', LEAD);
    for (const [reason, why] of [
      ['no\u202eway', 'invisible'],
      ['', 'missing'],
      ['x'.repeat(1_025), 'too long'],
    ]) {
      const { body } = await stage.submit(reason ?? '', LEAD);
      expect(JSON.parse(body).errors.reason).toContain(why);
    }
    expect((await stage.read(request))?.state).toBe('pending');
  });
});
