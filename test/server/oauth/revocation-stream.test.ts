import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beginRevocation } from '../../../src/broker/revoke.ts';
import { EVENT_STREAMS_PER_PERSON } from '../../../src/core/limits.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { ApiEnvironment } from '../../../src/server/api/context.ts';
import { createLive, type Live } from '../../../src/server/live/live.ts';
import { createSeats } from '../../../src/server/live/seats.ts';
import { streamRevocations } from '../../../src/server/revocation-stream.ts';
import { dev, openTestBroker, other, type TestBroker } from '../../support/broker.ts';
import { type EventReader, readEvents } from '../../support/events.ts';

let broker: TestBroker;
let live: Live;
let readers: EventReader[];
let errors: unknown[];

beforeEach(async () => {
  broker = await openTestBroker();
  live = createLive(broker.store);
  readers = [];
  errors = [];
});

afterEach(async () => {
  for (const reader of readers) await reader.leave();
  live.feed.close();
  expect(errors).toEqual([]);
});

async function follow(
  options: { readonly name?: string; readonly targets?: readonly string[]; readonly after?: string } = {},
) {
  const { name = 'orders-api', targets = ['orders'], after } = options;
  const asker = { name, targets, secret: new Secret('unused') };
  const app = new Hono<ApiEnvironment>().get('/', (c) =>
    streamRevocations(c, { ...live, clock: broker.clock, asker, onError: (error) => errors.push(error) }),
  );
  app.onError((error, c) => c.text(error.message, 429));
  const response = await app.request('/', { headers: after === undefined ? {} : { 'last-event-id': after } });
  if (response.status !== 200) throw new Error(await response.text());
  const reader = readEvents(response);
  readers.push(reader);
  await reader.nextComment();
  return reader;
}

async function hold(asker = dev) {
  const { grant } = await broker.claim(asker, (await broker.ask({}, asker)).id);
  return grant;
}

const revoke = async (grantId: string) => {
  const grant = await broker.store.readGrant(grantId);
  if (grant) await beginRevocation(broker, grant, { because: 'done', actor: 'dev:dev' });
};

describe('the stream of revocations', () => {
  it('tells of a token when it dies, by its id, and of nothing before', async () => {
    const reader = await follow();
    const grant = await hold();
    await revoke(grant.id);
    const [event] = await reader.take(1);
    expect(event).toMatchObject({ event: 'revoked', data: { jti: grant.tokenId, grant_id: grant.id } });
    expect(JSON.stringify(reader.events)).not.toContain('dev');
  });

  it('tells of a grant that came to its end early or late, whoever ended it', async () => {
    const reader = await follow();
    const grant = await hold();
    await broker.clock.advance(600_000);
    await broker.runDue();
    const [event] = await reader.take(1);
    expect(event?.data.jti).toBe(grant.tokenId);
  });

  it('TOK-06: tells a service nothing of another one’s targets', async () => {
    const stranger = await follow({ name: 'other-api', targets: ['elsewhere'] });
    const own = await follow();
    const grant = await hold();
    await revoke(grant.id);
    await own.take(1);
    await broker.clock.advance(5_000);
    await stranger.nextComment();
    expect(stranger.events).toEqual([]);
    expect(Number(stranger.lastId)).toBeGreaterThan(0);
  });

  it('goes on after the position that a service comes back with', async () => {
    const before = await follow();
    const first = await hold();
    await revoke(first.id);
    await before.take(1);
    await before.leave();
    const second = await hold(other);
    await revoke(second.id);
    const [missed] = await (await follow({ after: before.lastId })).take(1);
    expect(missed?.data.jti).toBe(second.tokenId);
  });

  it.each(['999999', 'nonsense', '-1'])(
    'says reset to a position that it does not know: %s',
    async (after) => {
      const [event] = await (await follow({ after })).take(1);
      expect(event?.event).toBe('reset');
    },
  );

  it('gives a sign of life every five seconds, with the position', async () => {
    const reader = await follow();
    for (let index = 0; index < 3; index += 1) {
      await broker.clock.untilSleeping();
      await broker.clock.advance(5_000);
      expect(await reader.nextComment()).toBe('still here');
    }
    expect(reader.lastId).toMatch(/^\d+$/);
  });

  it('INP-01: has room for so many of one service, and again when one leaves', async () => {
    for (let index = 0; index < EVENT_STREAMS_PER_PERSON; index += 1) await follow();
    await expect(follow()).rejects.toThrow('event streams');
    await readers[0]?.leave();
    await follow();
  });

  it('leaves a service that does not read, and gives its place to another', async () => {
    const grant = await hold();
    await revoke(grant.id);
    const [change] = await broker.store.listChanges({ after: 0, limit: 1 });
    const dead = await broker.store.readGrant(grant.id);
    if (!change || !dead) throw new Error('nothing happened');
    // A log of one dead grant, again and again: more than waits here for anybody.
    const entries = Array.from({ length: 500 }, (_, index) => ({
      change: { ...change, position: index + 1, grantId: dead.id },
      readSubject: async () => ({ request: undefined, grant: dead }),
    }));
    const feed = { ...live.feed, readAfter: async (position: number) => entries.slice(position) };
    const seats = createSeats({ what: 'streams', mostPerPerson: 1, mostInAll: 1 });
    const asker = { name: 'orders-api', targets: ['orders'], secret: new Secret('unused') };
    const app = new Hono<ApiEnvironment>().get('/', (c) =>
      streamRevocations(c, {
        feed,
        seats,
        clock: broker.clock,
        asker,
        onError: (error) => errors.push(error),
      }),
    );
    const response = await app.request('/', { headers: { 'last-event-id': '0' } });
    expect(() => seats.take('service orders-api')).toThrow('streams');
    await broker.clock.untilSleeping();
    await broker.clock.advance(10_000);
    expect(() => seats.take('service orders-api')).not.toThrow();
    await response.body?.cancel();
  });

  it('ends with the server', async () => {
    const reader = await follow();
    live.feed.close();
    await reader.ended;
  });
});
