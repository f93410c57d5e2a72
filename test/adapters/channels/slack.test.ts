import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RequestView } from '../../../src/core/view.ts';
import { sampleGrantView, sampleRequestView } from '../../support/core-samples.ts';
import { pending, type Telling, tellSlack } from '../../support/slack/channel.ts';
import {
  type FakeSlack,
  listButtons,
  readCard,
  SLACK_CHANNEL,
  startFakeSlack,
} from '../../support/slack/fake-slack.ts';

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
      'Can approve\ndba-lead',
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
    const request: RequestView = { ...pending, state, extendsGrantId: null };
    expect(await tell({ kind: 'request.decided', request, references: [reference ?? ''] })).toEqual({
      reference,
    });
    const [, call] = slack.calls;
    expect(call).toMatchObject({ method: 'chat.update', body: { ts: reference?.split(':')[1] } });
    expect(readCard(call?.body)).toContain(text);
    expect(listButtons(call?.body).map(({ action_id }) => action_id)).toEqual(['open']);
  });

  it.each([
    [{ state: 'active' }, 'Approved and in use.'],
    [{ state: 'revoking' }, 'Approved, and being taken away.'],
    [{ state: 'ended', endedBecause: 'done' }, 'Approved, and over since 2026-11-21T14:00:02Z: done.'],
  ] as const)('says what became of the access, and is changed without a sound: %j', async (grant, text) => {
    const { reference } = await tell();
    const request: RequestView = { ...pending, state: 'claimed', extendsGrantId: null };
    const references = [reference ?? ''];
    const changed = { kind: 'request.changed', request, references } as const;
    expect(await tell({ ...changed, grant: { ...sampleGrantView, ...grant } })).toEqual({ reference });
    expect(slack.calls.map(({ method }) => method)).toEqual(['chat.postMessage', 'chat.update']);
    expect(readCard(slack.calls[1]?.body)).toContain(text);
  });

  it('says of more time only that it was given: whether it is used stands on the first card', async () => {
    const request: RequestView = { ...pending, state: 'claimed', extendsGrantId: 'gr_0k8' };
    await tell({ request, grant: { ...sampleGrantView, state: 'ended' } });
    expect(readCard(slack.calls[0]?.body)).toContain('Approved, and the access lasts longer.');
  });

  it('is not made only because something changed', async () => {
    const gone = { reference: null, isGone: true };
    expect(await tell({ kind: 'request.changed' })).toEqual(gone);
    expect(slack.calls).toEqual([]);
    expect(
      await tell({ kind: 'request.changed', references: [`${SLACK_CHANNEL}:1600000000.000001`] }),
    ).toEqual(gone);
    expect(slack.calls.map(({ method }) => method)).toEqual(['chat.update']);
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

  it('S5: a revocation that is not confirmed is heard in the channel, also where there was no card before', async () => {
    const request: RequestView = { ...pending, state: 'claimed' };
    const { reference } = await tell({ kind: 'grant.revocation_overdue', request });
    await tell({ kind: 'grant.revocation_confirmed', references: [reference ?? ''], request });
    expect(slack.calls.map(({ method, body }) => [method, body.thread_ts])).toEqual([
      ['chat.postMessage', undefined],
      ['chat.postMessage', reference?.split(':')[1]],
      ['chat.update', undefined],
      ['chat.postMessage', reference?.split(':')[1]],
    ]);
    expect(slack.calls[1]?.body.text).toContain('its target has not confirmed');
    expect(slack.calls[3]?.body.text).toContain('is gone now');
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
