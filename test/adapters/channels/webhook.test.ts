import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWebhook } from '../../../src/adapters/channels/webhook.ts';
import { createSystemClock } from '../../../src/adapters/clock.ts';
import { createOutgoing } from '../../../src/adapters/outgoing/outgoing.ts';
import type { Notice } from '../../../src/core/notice.ts';
import type { Channel } from '../../../src/core/ports/channel.ts';
import { Secret } from '../../../src/core/secret.ts';
import { encodeGrant } from '../../../src/core/wire/grant.ts';
import { encodeRequest } from '../../../src/core/wire/request.ts';
import { sampleGrantView, sampleRequestView } from '../../support/core-samples.ts';
import { type ScriptedServer, silence, startScriptedServer } from '../../support/scripted-server/server.ts';
import {
  startWebhookReceiver,
  WEBHOOK_SECRET,
  type WebhookReceiver,
} from '../../support/webhook-receiver.ts';

const clock = createSystemClock();
let notices = 0;

function buildNotice(): Notice {
  notices += 1;
  return {
    id: `ntc_${notices}`,
    channel: 'webhook',
    kind: 'request.pending',
    requestId: sampleRequestView.id,
    createdAt: Date.parse('2026-11-21T14:00:00Z'),
    state: 'waiting',
    attempts: 0,
    reference: null,
    lastError: null,
    settledAt: null,
  };
}

function open(url: string): Channel {
  const config = { url, secret: new Secret(WEBHOOK_SECRET) };
  return openWebhook({ config, clock, outgoing: createOutgoing({ urls: [url], allow: [] }) });
}

function deliver(channel: Channel, notice = buildNotice(), patienceMs = 5_000) {
  const message = { notice, request: sampleRequestView, references: [] };
  return channel.deliver(message, { deadlineAt: clock.now() + patienceMs });
}

describe('the webhook', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('posts what happened and the request as it is, signed so that an independent implementation verifies it', async () => {
    server.on('/signed', { status: 202 });
    const notice = buildNotice();
    expect(await deliver(open(`${server.url}/signed`), notice)).toEqual({ reference: null });
    const [call] = server.callsTo('/signed');
    const headers = call?.headers as Record<string, string>;
    expect(headers).toMatchObject({ 'webhook-id': notice.id, 'content-type': 'application/json' });
    expect(new Webhook(WEBHOOK_SECRET).verify(call?.body ?? '', headers)).toEqual({
      type: 'request.pending',
      timestamp: '2026-11-21T14:00:00Z',
      data: { request: encodeRequest(sampleRequestView) },
    });
  });

  it('S5: posts the grant with what tells of a grant', async () => {
    server.on('/grants', {});
    const notice: Notice = { ...buildNotice(), kind: 'grant.revocation_overdue' };
    const message = { notice, request: sampleRequestView, grant: sampleGrantView, references: [] };
    await open(`${server.url}/grants`).deliver(message, { deadlineAt: clock.now() + 5_000 });
    expect(JSON.parse(server.callsTo('/grants')[0]?.body ?? '')).toMatchObject({
      type: 'grant.revocation_overdue',
      data: { request: { id: sampleRequestView.id }, grant: encodeGrant(sampleGrantView) },
    });
  });

  it('has no secret in what it sends', async () => {
    server.on('/secretless', {});
    await deliver(open(`${server.url}/secretless`));
    expect(JSON.stringify(server.callsTo('/secretless'))).not.toContain(WEBHOOK_SECRET.slice(6));
  });

  it.each([301, 302, 400, 401, 404, 429, 500, 503])('is not accepted with %i', async (status) => {
    server.on('/status', { status, headers: { location: '/elsewhere' } });
    await expect(deliver(open(`${server.url}/status`))).rejects.toMatchObject({
      code: 'channel_failed',
      message: `webhook did not take it: it answered ${status}`,
    });
    expect(server.callsTo('/elsewhere')).toEqual([]);
  });

  it('is not tried again where the receiver says that it is gone', async () => {
    server.on('/gone', { status: 410 });
    expect(await deliver(open(`${server.url}/gone`))).toEqual({ reference: null, isGone: true });
  });

  it('gives up at its deadline, and at once when it is closed', async () => {
    server.on('/silent', silence);
    const channel = open(`${server.url}/silent`);
    await expect(deliver(channel, buildNotice(), 50)).rejects.toMatchObject({ code: 'channel_failed' });
    const running = deliver(channel);
    await channel.close();
    await expect(running).rejects.toThrow('interrupted');
  });
});

type Post = { readonly id: string; readonly timestamp: number; readonly body: string };

function signPost({ id, timestamp, body }: Post, secret = WEBHOOK_SECRET): string {
  const key = Buffer.from(secret.slice(6), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

async function post(url: string, sent: Post & { readonly signature: string }): Promise<number> {
  const headers = {
    'webhook-id': sent.id,
    'webhook-timestamp': String(sent.timestamp),
    'webhook-signature': sent.signature,
  };
  return (await fetch(url, { method: 'POST', headers, body: sent.body })).status;
}

describe('examples/webhook-receiver.js', () => {
  let receiver: WebhookReceiver;
  beforeAll(async () => {
    receiver = await startWebhookReceiver();
  });
  afterAll(() => receiver[Symbol.asyncDispose]());

  it('takes what jit sends, acts once on what comes twice, and accepts it both times', async () => {
    const channel = open(receiver.url);
    const notice = buildNotice();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(await deliver(channel, notice)).toEqual({ reference: null });
    }
    await deliver(channel, { ...buildNotice(), kind: 'request.decided' });
    await receiver.see('request.decided');
    expect((await receiver.seen()).map(({ type, id }) => [type, id])).toEqual([
      ['request.pending', sampleRequestView.id],
      ['request.decided', sampleRequestView.id],
    ]);
  });

  const good: Post = {
    id: 'ntc_good',
    timestamp: Math.floor(Date.now() / 1000),
    body: JSON.stringify({ type: 'request.forged', data: { request: { id: 'req_forged' } } }),
  };
  const signature = signPost(good);
  const other = `whsec_${Buffer.from('the secret of somebody else, as long').toString('base64')}`;
  const late = { ...good, timestamp: good.timestamp - 302 };
  const early = { ...good, timestamp: good.timestamp + 310 };
  const corpus: readonly (readonly [string, Post & { readonly signature: string }])[] = [
    ['a changed body', { ...good, body: `${good.body} `, signature }],
    ['another id', { ...good, id: 'ntc_other', signature }],
    ['another time', { ...good, timestamp: good.timestamp - 1, signature }],
    ['a signature with another secret', { ...good, signature: signPost(good, other) }],
    ['a signature of another version', { ...good, signature: signature.replace('v1', 'v1a') }],
    ['half a signature', { ...good, signature: signature.slice(0, 20) }],
    ['no signature', { ...good, signature: '' }],
    ['one that is five minutes old', { ...late, signature: signPost(late) }],
    ['one of the future', { ...early, signature: signPost(early) }],
    ['no id', { ...good, id: '', signature: signPost({ ...good, id: '' }) }],
  ];

  it.each(corpus)('APR-06: believes nothing with %s', async (_what, sent) => {
    expect(await post(receiver.url, sent)).toBe(401);
    expect(JSON.stringify(await receiver.seen())).not.toContain('req_forged');
  });

  it('takes one of several signatures, as while a secret is replaced', async () => {
    const sent = { ...good, id: 'ntc_rotated', body: good.body.replace('forged', 'rotated') };
    const both = `${signPost(sent, other)} ${signPost(sent)}`;
    expect(await post(receiver.url, { ...sent, signature: both })).toBe(204);
    await receiver.see('request.rotated');
  });
});
