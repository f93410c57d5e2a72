import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Asker } from '../../../src/broker/parts.ts';
import { revoke } from '../../../src/broker/revocation/revoke.ts';
import { MOST_REPLAYED_CHANGES } from '../../../src/core/limits.ts';
import { openTestApi, type TestApi } from '../../support/api.ts';
import { admin, buildAsker, dev, lead, other } from '../../support/broker.ts';
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

describe('an event stream', () => {
  it('says what it is: kept by nobody, collected by no proxy', async () => {
    const response = await api.send(dev, '/v1/events');
    readers.push(readEvents(response));
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
  });

  it('tells each step of one’s own requests and grants, with its position, and nothing of what is in it', async () => {
    const stream = await follow(dev);
    const { requestId, grantId } = await hold(dev);
    const events = await stream.take(3);
    expect(events.map(({ event, data }) => [event, data.kind, data.request_id, data.grant_id])).toEqual([
      ['change', 'request.submitted', requestId, null],
      ['change', 'grant.provisioning', requestId, grantId],
      ['change', 'grant.activated', requestId, grantId],
    ]);
    expect(events.map(({ id }) => Number(id))).toEqual(
      events.map((_, index) => Number(events[0]?.id) + index),
    );
    expect(Object.keys(events[0]?.data ?? {}).toSorted()).toEqual(['at', 'grant_id', 'kind', 'request_id']);
  });

  it('tells nobody of what they may not see', async () => {
    const stranger = await follow(buildAsker('stranger', ['engineers']));
    const own = await follow(dev);
    const { grantId } = await hold(dev);
    await revoke(api.broker, { asker: dev, grantId, because: 'done' });
    await own.take(4);
    const mine = await hold(buildAsker('stranger', ['engineers']));
    expect((await stranger.take(1))[0]?.data.request_id).toBe(mine.requestId);
  });

  it('tells reviewers of what they may decide', async () => {
    api.broker.policy.outcome = 'needs_people';
    const stream = await follow(lead);
    const request = await api.broker.ask();
    await api.post(other, `/v1/requests/${request.id}/deny`, { reason: 'not today' });
    expect((await stream.take(2)).map(({ data }) => data.kind)).toEqual([
      'request.submitted',
      'request.denied',
    ]);
  });

  it('tells those who are called later once they are called', async () => {
    api.broker.policy.outcome = 'needs_people';
    api.broker.policy.obligations = {
      ...api.broker.policy.obligations,
      approverGroups: ['dba'],
      escalationGroups: ['admins'],
    };
    api.broker.policy.may = ({ action, principal }) => action === 'approve' && principal.name !== 'dev';
    api.broker.people.push(admin.principal);
    const stream = await follow(admin);
    const request = await api.broker.ask();
    const { escalateAfterSeconds } = api.broker.settings.review;
    api.broker.clock.setWall(api.broker.clock.now() + escalateAfterSeconds * 1000);
    await api.broker.runDue();
    const [first] = await stream.take(1);
    // The reminder of before is theirs to see, too, where it is read after they were called.
    const isReminder = (first?.data as { readonly kind?: string } | undefined)?.kind === 'request.reminded';
    const [called] = isReminder ? await stream.take(1) : [first];
    expect(called?.data).toMatchObject({ kind: 'request.escalated', request_id: request.id });
  });
});

describe('coming back', () => {
  it('begins where the client left off, and misses nothing', async () => {
    const first = await follow(dev);
    await hold(dev);
    const [seen, ...missed] = await first.take(3);
    await first.leave();
    const again = await follow(dev, seen?.id);
    expect(await again.take(2)).toEqual(missed);
  });

  it('may say it in the address, as a page does at first; what the browser remembers is newer', async () => {
    const position = await api.broker.store.findPosition();
    const { requestId } = await hold(dev);
    const response = await api.send(dev, `/v1/events?after=${position}`);
    const stream = readEvents(response);
    readers.push(stream);
    const all = await stream.take(3);
    expect(all[0]?.data.request_id).toBe(requestId);
    const newer = await api.send(dev, `/v1/events?after=${position}`, {
      headers: { 'last-event-id': all[1]?.id ?? '' },
    });
    readers.push(readEvents(newer));
    expect(await readers.at(-1)?.take(1)).toEqual([all[2]]);
  });

  it.each([
    ['no position', 'x'],
    ['a position that is none of this log’s', 10 ** 12],
    ['a negative one', -1],
    ['a position with a line break in it', '1\\n2'],
  ])('with %s reads everything anew, and follows from there', async (_, id) => {
    const stream = await follow(dev, id);
    const [reset] = await stream.take(1);
    expect(reset).toMatchObject({ event: 'reset', id: String(await api.broker.store.findPosition()) });
    const { requestId } = await hold(dev);
    expect((await stream.take(1))[0]?.data).toMatchObject({ request_id: requestId });
  });

  it('INP-01: is told so much one by one, and with one more reads everything anew', async () => {
    const note = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index += 1) {
        await api.broker.store.commit({
          event: {
            id: api.broker.ids.newEventId(),
            kind: 'session.started',
            at: api.broker.clock.now(),
            actor: 'dev:dev',
            requestId: null,
            grantId: null,
            detail: {},
          },
        });
      }
    };
    const position = await api.broker.store.findPosition();
    await hold(dev);
    await note(MOST_REPLAYED_CHANGES - 3);
    expect((await (await follow(dev, position)).take(1))[0]?.event).toBe('change');
    await note(1);
    expect((await (await follow(dev, position)).take(1))[0]?.event).toBe('reset');
  });
});
