import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Asker } from '../../../src/broker/parts.ts';
import { revoke } from '../../../src/broker/revocation/revoke.ts';
import { EVENT_STREAMS_PER_PERSON, LONGEST_EVENT_STREAM_MS } from '../../../src/core/limits.ts';
import { openTestApi, type TestApi } from '../../support/api.ts';
import { buildAsker, dev, other } from '../../support/broker.ts';
import { type EventReader, readEvents } from '../../support/events.ts';

let api: TestApi;
let readers: EventReader[];

beforeEach(async () => {
  api = await openTestApi();
  readers = [];
});

afterEach(async () => {
  for (const reader of readers) await reader.leave();
  expect(api.errors).toEqual([]);
  await api[Symbol.asyncDispose]();
});

async function follow(asker: Asker, after?: number | string): Promise<EventReader> {
  const headers: Record<string, string> = after === undefined ? {} : { 'last-event-id': String(after) };
  const response = await api.send(asker, '/v1/events', { headers });
  expect(response.status).toBe(200);
  const reader = readEvents(response);
  readers.push(reader);
  // From now on nothing is missed: the stream has begun.
  await reader.opened;
  return reader;
}

async function hold(asker: Asker): Promise<{ readonly requestId: string; readonly grantId: string }> {
  const request = await api.broker.ask({}, asker);
  const { grant } = await api.broker.claim(asker, request.id);
  return { requestId: request.id, grantId: grant.id };
}

describe('a stream that goes on', () => {
  it('shows every 15 s that it lives, and how far it has seen', async () => {
    const stream = await follow(dev);
    await api.broker.ask({}, buildAsker('stranger'));
    await api.broker.clock.untilSleeping();
    await api.broker.clock.advance(15_000);
    expect(await stream.nextComment()).toContain('still here');
    await api.broker.clock.untilSleeping();
    await api.broker.clock.advance(15_000);
    expect(await stream.nextComment()).toContain('still here');
    expect(stream.events).toEqual([]);
    expect(stream.lastId).toBe(String(await api.broker.store.findPosition()));
  });

  it('ends with its session, and says nothing more', async () => {
    const stream = await follow(dev);
    await api.broker.clock.untilSleeping();
    api.logOut(dev);
    await api.broker.clock.advance(15_000);
    await stream.ended;
    expect(stream.events).toEqual([]);
  });

  it('ends at once when the end of a session is on record', async () => {
    const stream = await follow(dev);
    api.logOut(dev);
    await api.broker.store.commit({
      event: {
        id: api.broker.ids.newEventId(),
        kind: 'session.ended',
        at: api.broker.clock.now(),
        actor: 'dev:dev',
        requestId: null,
        grantId: null,
        detail: {},
      },
    });
    await hold(dev).catch(() => undefined);
    await stream.ended;
    expect(stream.events).toEqual([]);
  });

  it('has the groups that its person has by now', async () => {
    api.broker.policy.outcome = 'needs_people';
    const newcomer = buildAsker('newcomer', ['engineers']);
    const stream = await follow(newcomer);
    await api.broker.clock.untilSleeping();
    await api.send(buildAsker('newcomer', ['dba']), '/v1/me');
    await api.broker.clock.advance(15_000);
    const request = await api.broker.ask();
    expect((await stream.take(1))[0]?.data.request_id).toBe(request.id);
  });

  it('ends after a quarter of an hour: the client comes again', async () => {
    const stream = await follow(dev);
    for (let passed = 0; passed < LONGEST_EVENT_STREAM_MS; passed += 15_000) {
      await api.broker.clock.untilSleeping();
      await api.broker.clock.advance(15_000);
    }
    await stream.ended;
  });

  it('ends when the server stops', async () => {
    const stream = await follow(dev);
    api.live.feed.close();
    await stream.ended;
  });

  it('INP-01: is one of so many for a person and not one more; who leaves makes room', async () => {
    for (let count = 0; count < EVENT_STREAMS_PER_PERSON; count += 1) await follow(dev);
    expect(await api.get(dev, '/v1/events')).toMatchObject({ status: 429, body: { code: 'too_many' } });
    await follow(other);
    await readers[0]?.leave();
    await expect.poll(async () => (await api.send(dev, '/v1/events')).status).toBe(200);
  });

  it('holds nothing for a client that does not read, however much it missed, and sends it away', async () => {
    for (let index = 0; index < 60; index += 1) await hold(dev).then(giveBack);
    const headers = { 'last-event-id': '0' };
    const reader = readEvents(await holdBack(await api.send(dev, '/v1/events', { headers })));
    readers.push(reader);
    await reader.ended;
    expect(reader.bytes).toBeGreaterThan(10_000);
    expect(reader.bytes).toBeLessThan(20_000);
  });

  it('does not begin for a HEAD, which nobody would read', async () => {
    const answers = await Promise.all(
      Array.from({ length: EVENT_STREAMS_PER_PERSON + 1 }, () =>
        api.send(dev, '/v1/events', { method: 'HEAD' }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    await follow(dev);
  });
});

/** Nobody reads it for two heartbeats. */
async function holdBack(response: Response): Promise<Response> {
  for (let beats = 0; beats < 2; beats += 1) {
    await api.broker.clock.untilSleeping();
    await api.broker.clock.advance(15_000);
  }
  return response;
}

async function giveBack({ grantId }: { readonly grantId: string }): Promise<void> {
  await revoke(api.broker, { asker: dev, grantId, because: 'done' });
  await api.broker.runDue();
}
