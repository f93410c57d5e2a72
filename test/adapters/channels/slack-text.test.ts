import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../../src/adapters/clock.ts';
import type { RequestView } from '../../../src/core/view.ts';
import { openFakeSlack, pending, type Telling, tellSlack } from '../../support/slack/channel.ts';
import { type FakeSlack, readCard, SLACK_CHANNEL, startFakeSlack } from '../../support/slack/fake-slack.ts';

let slack: FakeSlack;
beforeAll(async () => {
  slack = await startFakeSlack();
});
afterAll(() => slack[Symbol.asyncDispose]());
beforeEach(() => {
  slack.calls.length = 0;
  slack.faults.length = 0;
});
afterEach(() => expect(slack.faults).toEqual([]));

const tell = (telling?: Telling) => tellSlack(slack, telling);

describe('S12: what people wrote, at Slack', () => {
  const hostile = [
    '<!channel> <@U0ADMIN> <https://evil.example|approved by security>',
    '*bold* _it_ ~no~ `code` :white_check_mark: @here #general &lt;!here&gt; https://evil.example',
    'a\u202egnihton\u202c\u0000\u001b[2J\u200b\r\n*Approved*',
    '"}]},{"type":"section","text":{"type":"mrkdwn","text":"<!channel>"}}',
  ];

  it.each(hostile)('%j stands in plain text only, and hides nothing', async (text) => {
    const decision = pending.decision && {
      ...pending.decision,
      reasons: [text],
      reviews: pending.decision.reviews.map((review) => ({ ...review, by: text, reason: text })),
    };
    const request: RequestView = { ...pending, reason: text, requestedBy: text, ticket: text, decision };
    await tell({ request });
    const [call] = slack.calls;
    expect(JSON.stringify(call?.body)).not.toMatch(/[\u202e\u200b]|\\u0000|\\u001b/);
    expect(String(call?.body.text)).toBe(`${pending.id} for orders: pending`);
    expect(call?.body).toMatchObject({ parse: 'none', link_names: false, unfurl_links: false });
  });

  it('fits into what Slack takes, whatever its length', async () => {
    const long = '😀'.repeat(3_000);
    const scopes = Array.from({ length: 200 }, (_, index) => `prod:resource-with-a-long-name-${index}.write`);
    const review = pending.decision?.reviews[0];
    const reviews = review ? Array.from({ length: 40 }, () => ({ ...review, by: long, reason: long })) : [];
    const decision = pending.decision && { ...pending.decision, reasons: [long, long], reviews };
    const originally = { scopes: [...scopes, ...scopes], durationSeconds: 1 };
    const request: RequestView = {
      ...pending,
      reason: long,
      requestedBy: long,
      ticket: long,
      scopes,
      decision,
    };
    await tell({ request: { ...request, originally, extendsGrantId: 'gr_1', target: 't'.repeat(63) } });
    expect(JSON.stringify(slack.calls[0]?.body)).not.toMatch(/\\ud83d(?!\\ude00)/);
  });

  it('an empty text is none that Slack refuses', async () => {
    await tell({ request: { ...pending, reason: '\u200b', ticket: '' } });
    expect(slack.calls).toHaveLength(1);
  });
});

describe('what one person is shown at Slack', () => {
  const options = { deadlineAt: createSystemClock().now() + 5_000 };

  it('an answer, with where to go on', async () => {
    const to = { channelId: SLACK_CHANNEL, userId: 'U0DEV' };
    await openFakeSlack(slack).chat.whisper(
      to,
      { text: 'not <!channel>', link: { label: 'Open page', url: pending.url } },
      options,
    );
    expect(slack.calls).toMatchObject([
      {
        method: 'chat.postEphemeral',
        body: { channel: SLACK_CHANNEL, user: 'U0DEV', text: 'An answer from jit' },
      },
    ]);
    expect(readCard(slack.calls[0]?.body)).toContain('not <!channel>');
  });

  it('a form that asks for the reason', async () => {
    const form = {
      triggerId: 'trigger',
      title: 'Deny a request',
      requestId: 'req_1',
      carried: 'req_1 digest',
    };
    await openFakeSlack(slack).chat.askReason(form, options);
    expect(slack.calls).toMatchObject([
      {
        method: 'views.open',
        body: {
          trigger_id: 'trigger',
          view: { type: 'modal', callback_id: 'deny', private_metadata: 'req_1 digest' },
        },
      },
    ]);
  });

  it('a refusal of Slack is told to whoever asked', async () => {
    slack.answerNext('chat.postEphemeral', { body: { ok: false, error: 'user_not_in_channel' } });
    const to = { channelId: SLACK_CHANNEL, userId: 'U0DEV' };
    await expect(
      openFakeSlack(slack).chat.whisper(to, { text: 'x', link: null }, options),
    ).rejects.toMatchObject({
      code: 'channel_failed',
    });
  });
});
