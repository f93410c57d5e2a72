import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openSlack } from '../../../src/adapters/channels/slack/open.ts';
import { createSystemClock } from '../../../src/adapters/clock.ts';
import { createOutgoing } from '../../../src/adapters/outgoing/outgoing.ts';
import type { Notice, NoticeKind } from '../../../src/core/notice.ts';
import type { RequestView } from '../../../src/core/view.ts';
import { sampleRequestView } from '../../support/core-samples.ts';
import {
  type FakeSlack,
  listButtons,
  readCard,
  SLACK_CHANNEL,
  startFakeSlack,
} from '../../support/fake-slack.ts';

const clock = createSystemClock();
const pending: RequestView = {
  ...sampleRequestView,
  state: 'pending',
  breakGlass: false,
  afterwards: null,
  escalatedAt: null,
  grantId: null,
};

function buildNotice(kind: NoticeKind): Notice {
  const times = { createdAt: 0, settledAt: null, attempts: 0 };
  const empty = { reference: null, lastError: null, state: 'waiting' } as const;
  return { id: 'ntc_1', channel: 'slack', kind, requestId: pending.id, ...times, ...empty };
}

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

function open() {
  const outgoing = createOutgoing({ urls: [slack.config.apiUrl], allow: [] });
  return openSlack({ config: slack.config, clock, outgoing });
}

type Telling = {
  readonly kind?: NoticeKind;
  readonly request?: RequestView;
  readonly references?: readonly string[];
};

async function tell({ kind = 'request.pending', request = pending, references = [] }: Telling = {}) {
  const { channel } = open();
  return channel.deliver(
    { notice: buildNotice(kind), request, references },
    { deadlineAt: clock.now() + 5_000 },
  );
}

describe('a card at Slack', () => {
  it('shows who asks what, where, for how long and why, how it stands, and what can be done', async () => {
    const { reference } = await tell();
    expect(reference).toMatch(new RegExp(`^${SLACK_CHANNEL}:1700000000\\.\\d{6}$`));
    const [call] = slack.calls;
    expect(call).toMatchObject({ method: 'chat.postMessage', body: { channel: SLACK_CHANNEL } });
    const card = readCard(call?.body);
    for (const part of [
      'dev asks for prod:db.read on orders',
      'Why: INC-4211 slow checkout',
      'Ticket\nINC-4211',
      'For\n30 min',
      'Asked for\nprod:db.read, prod:db.write for 1 h',
      '1 of 2 approved, still from sre.',
      'Policy: prod:db.write needs a dba',
      'dba-lead approved at 2026-11-21T14:01:00Z: ok',
    ]) {
      expect(card).toContain(part);
    }
    expect(listButtons(call?.body)).toMatchObject([
      { action_id: 'approve', value: `${pending.id} ${pending.digest}` },
      { action_id: 'deny', value: `${pending.id} ${pending.digest}` },
      { action_id: 'open', url: pending.url },
    ]);
  });

  it.each([
    ['approved', 'Approved. To be claimed by 2026-11-21T14:15:00Z.'],
    ['claimed', 'Approved and in use.'],
    ['denied', 'Denied.'],
    ['cancelled', 'Taken back.'],
    ['lapsed', 'Lapsed.'],
  ] as const)('that is %s is changed to say so, and has nothing left to press', async (state, text) => {
    const { reference } = await tell();
    const request: RequestView = { ...pending, state };
    expect(await tell({ kind: 'request.decided', request, references: [reference ?? ''] })).toEqual({
      reference,
    });
    const [, call] = slack.calls;
    expect(call).toMatchObject({ method: 'chat.update', body: { ts: reference?.split(':')[1] } });
    expect(readCard(call?.body)).toContain(text);
    expect(listButtons(call?.body).map(({ action_id }) => action_id)).toEqual(['open']);
  });

  it('of break-glass says so, and how its review stands', async () => {
    await tell({ kind: 'request.break_glass', request: { ...sampleRequestView } });
    const card = readCard(slack.calls[0]?.body);
    expect(card).toContain('BREAK-GLASS: dev asks for');
    expect(card).toContain('Reviewed by sre-lead: objected.');
  });

  it('a reminder and an escalation change the card and are heard in the channel', async () => {
    const { reference } = await tell();
    const references = [reference ?? ''];
    await tell({ kind: 'request.reminder', references });
    await tell({ kind: 'request.escalated', references, request: { ...pending, escalatedAt: 1 } });
    expect(slack.calls.map(({ method, body }) => [method, body.reply_broadcast])).toEqual([
      ['chat.postMessage', undefined],
      ['chat.update', undefined],
      ['chat.postMessage', true],
      ['chat.update', undefined],
      ['chat.postMessage', true],
    ]);
    expect(readCard(slack.calls[3]?.body)).toContain('Nobody decided in time, so others were called.');
  });

  it('a reminder that comes when all is decided only changes the card', async () => {
    const { reference } = await tell();
    const request: RequestView = { ...pending, state: 'denied' };
    await tell({ kind: 'request.reminder', references: [reference ?? ''], request });
    expect(slack.calls.map(({ method }) => method)).toEqual(['chat.postMessage', 'chat.update']);
  });

  it('that somebody deleted is posted anew', async () => {
    const { reference } = await tell({ references: [`${SLACK_CHANNEL}:1600000000.000001`] });
    expect(reference).toMatch(/:1700000000\./);
    expect(slack.calls.map(({ method }) => method)).toEqual(['chat.update', 'chat.postMessage']);
  });

  it.each([
    [
      'what Slack refuses',
      { body: { ok: false, error: 'channel_not_found' } },
      'it answered "channel_not_found"',
    ],
    ['too many messages', { status: 429, body: {} }, 'it answered 429'],
    ['words of no kind', { body: { ok: false, error: '<script>' } }, 'it answered "unknown_error"'],
    ['no word on the message', { body: { ok: true } }, 'it did not say which message it made'],
  ])('is not accepted with %s', async (_what, answer, why) => {
    slack.answerNext('chat.postMessage', answer);
    await expect(tell()).rejects.toMatchObject({
      code: 'channel_failed',
      message: `slack did not take it: ${why}`,
    });
  });
});

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
  const options = { deadlineAt: clock.now() + 5_000 };

  it('an answer, with where to go on', async () => {
    const to = { channelId: SLACK_CHANNEL, userId: 'U0DEV' };
    await open().chat.whisper(
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
    await open().chat.askReason(form, options);
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
    await expect(open().chat.whisper(to, { text: 'x', link: null }, options)).rejects.toMatchObject({
      code: 'channel_failed',
    });
  });
});
