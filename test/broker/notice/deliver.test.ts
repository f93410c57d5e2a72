import { describe, expect, it } from 'vitest';
import { approve } from '../../../src/broker/review/review.ts';
import { runWork } from '../../../src/broker/work/work.ts';
import { NO_OBLIGATIONS } from '../../../src/core/decision.ts';
import { fail } from '../../../src/core/errors.ts';
import type { Notice } from '../../../src/core/notice.ts';
import type { Delivered } from '../../../src/core/ports/channel.ts';
import type { TakenWork } from '../../../src/core/ports/store.ts';
import type { AccessRequest } from '../../../src/core/request.ts';
import { lead, openTestBroker, type TestBroker } from '../../support/broker.ts';
import { createScriptedChannel, refuse } from '../../support/fakes/scripted-channel.ts';

const DAY_MS = 86_400_000;

/** A broker with one channel, and policy that wants one reviewer. */
async function openWithChannel() {
  const channel = createScriptedChannel();
  const broker = await openTestBroker({ channels: new Map([[channel.name, channel]]) });
  broker.policy.outcome = 'needs_people';
  broker.policy.obligations = { ...NO_OBLIGATIONS, approvals: 1 };
  broker.policy.permitted = true;
  return { broker, channel };
}

function approveAsked(broker: TestBroker, request: AccessRequest): Promise<AccessRequest> {
  const { id: requestId, digest } = request;
  const order = {
    asker: lead,
    requestId,
    way: 'page',
    reason: null,
    scopes: null,
    durationSeconds: null,
  } as const;
  return approve(broker, { ...order, digest });
}

function requireOne(work: TakenWork | undefined): TakenWork {
  if (!work) throw new Error('there was nothing to do');
  return work;
}

async function readNotices(broker: TestBroker, request: AccessRequest): Promise<readonly Notice[]> {
  return broker.store.listNotices([request.id]);
}

describe('a delivery', () => {
  it('tells the channel of the request and records what it made of it', async () => {
    const { broker, channel } = await openWithChannel();
    channel.answer = async () => ({ reference: 'message 1' });
    const request = await broker.ask();
    await broker.runDue();
    expect(channel.told.map(({ notice, request: view }) => [notice.kind, view.id, view.state])).toEqual([
      ['request.pending', request.id, 'pending'],
    ]);
    expect(await readNotices(broker, request)).toMatchObject([
      {
        state: 'accepted',
        attempts: 1,
        reference: 'message 1',
        lastError: null,
        settledAt: broker.clock.now(),
      },
    ]);
    expect(await broker.runDue()).toEqual([]);
  });

  it('hands on what the channel made of earlier notices, and the request as it is by now', async () => {
    const { broker, channel } = await openWithChannel();
    channel.answer = async () => ({ reference: 'message 1' });
    const request = await broker.ask();
    await broker.runDue();
    await approveAsked(broker, request);
    await broker.runDue();
    expect(channel.told[1]).toMatchObject({
      notice: { kind: 'request.decided' },
      request: { state: 'approved' },
      references: ['message 1'],
    });
  });

  it('each channel is handed what it made itself, and not what another did', async () => {
    const { broker, channel } = await openWithChannel();
    const webhook = createScriptedChannel('webhook');
    (broker.channels as Map<string, unknown>).set('webhook', webhook);
    channel.answer = async () => ({ reference: 'message 1' });
    const request = await broker.ask();
    await broker.runDue();
    await approveAsked(broker, request);
    await broker.runDue();
    expect(webhook.told.map(({ references }) => references)).toEqual([[], []]);
    expect(channel.told[1]?.references).toEqual(['message 1']);
  });

  it('what failed is tried again with the same notice until it is accepted, and holds up no decision', async () => {
    const { broker, channel } = await openWithChannel();
    channel.answer = refuse;
    const request = await broker.ask();
    await broker.runDue();
    expect(await readNotices(broker, request)).toMatchObject([
      { state: 'waiting', attempts: 1, lastError: 'slack did not take it: it answered 500' },
    ]);
    expect((await approveAsked(broker, request)).state).toBe('approved');
    await broker.runDue();
    channel.answer = async () => ({ reference: null });
    await broker.clock.advance(2_000);
    await broker.runDue();
    const notices = await readNotices(broker, request);
    expect(notices.map(({ state, attempts }) => [state, attempts])).toEqual([
      ['accepted', 2],
      ['accepted', 2],
    ]);
    const [first] = notices;
    expect(channel.told.filter(({ notice }) => notice.id === first?.id)).toHaveLength(2);
  });

  it('of a channel that is dead, one failure is told', async () => {
    const { broker, channel } = await openWithChannel();
    channel.answer = refuse;
    await broker.ask();
    const told: unknown[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      await broker.runDue().catch((error: unknown) => told.push(error));
      await broker.clock.advance(60_000);
    }
    expect(channel.told.length).toBeGreaterThanOrEqual(6);
    expect(told).toMatchObject([{ code: 'channel_failed' }]);
  });

  it('is not begun by who had to wait too long for its turn, and is left to whoever takes it next', async () => {
    const { broker, channel } = await openWithChannel();
    await broker.ask();
    const [work] = await broker.store.takeWork({ now: broker.clock.now(), leaseMs: 30_000, limit: 9 });
    await broker.clock.advance(20_001);
    await runWork(broker, requireOne(work));
    expect(channel.told).toEqual([]);
    expect(await broker.runDue()).toEqual([work?.id]);
    expect(channel.told).toHaveLength(1);
  });

  it('S1: that failed after somebody else took it changes neither what is on record nor when it is tried again', async () => {
    const { broker, channel } = await openWithChannel();
    const request = await broker.ask();
    const take = () => broker.store.takeWork({ now: broker.clock.now(), leaseMs: 30_000, limit: 9 });
    const [slow] = await take();
    const answers: PromiseWithResolvers<Delivered>[] = [];
    channel.answer = () => {
      const answer = Promise.withResolvers<Delivered>();
      answers.push(answer);
      return answer.promise;
    };
    const first = runWork(broker, requireOne(slow));
    await expect.poll(() => answers.length).toBe(1);
    await broker.clock.advance(30_000);
    const [taken] = await take();
    const second = runWork(broker, requireOne(taken));
    await expect.poll(() => answers.length).toBe(2);
    answers[0]?.reject(fail('channel_failed', { channel: 'slack', why: 'it answered 500' }));
    await first;
    expect(await readNotices(broker, request)).toMatchObject([{ state: 'waiting', attempts: 0 }]);
    await broker.clock.advance(20_000);
    expect(await take()).toEqual([]);
    answers[1]?.resolve({ reference: 'message 2' });
    await second;
    expect(await readNotices(broker, request)).toMatchObject([
      { state: 'accepted', attempts: 1, reference: 'message 2' },
    ]);
  });

  it('is given up where the other side says so, and where the channel is not configured any more', async () => {
    const { broker, channel } = await openWithChannel();
    channel.answer = async () => ({ reference: null, isGone: true });
    const first = await broker.ask();
    await broker.runDue();
    expect(await readNotices(broker, first)).toMatchObject([{ state: 'gone' }]);
    const second = await broker.ask({ scopes: ['prod:db.write'] });
    (broker.channels as Map<string, unknown>).delete('slack');
    await broker.runDue();
    expect(await readNotices(broker, second)).toMatchObject([{ state: 'gone', attempts: 1 }]);
    expect(channel.told).toHaveLength(1);
  });

  it('of a request that is over is tried for three days', async () => {
    const { broker, channel } = await openWithChannel();
    channel.answer = refuse;
    const request = await broker.ask();
    await broker.runDue();
    const runDueSoon = async (): Promise<void> => {
      await broker.clock.advance(400_000);
      await broker.runDue().catch(() => undefined);
    };
    for (let days = 0; days < 2; days += 1) {
      await broker.clock.advance(DAY_MS);
      await runDueSoon();
    }
    expect((await broker.store.readRequest(request.id))?.state).toBe('lapsed');
    const before = channel.told.length;
    await runDueSoon();
    expect(channel.told.length).toBeGreaterThan(before);
    await broker.clock.advance(DAY_MS);
    for (let rest = 0; rest < 3; rest += 1) await runDueSoon();
    const notices = await readNotices(broker, request);
    expect(notices[0]).toMatchObject({ kind: 'request.pending', state: 'gone' });
  });
});
