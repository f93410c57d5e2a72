import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { REVOCATION_STREAMS_PER_SERVICE } from '../../../../src/core/limits.ts';
import { Secret } from '../../../../src/core/secret.ts';
import type { ApiEnvironment } from '../../../../src/server/api/context.ts';
import { streamRevocations } from '../../../../src/server/live/revocation-stream.ts';
import { createSeats } from '../../../../src/server/live/seats.ts';
import { other } from '../../../support/broker.ts';
import { openRevocationDesk, type RevocationDesk } from '../../../support/verifying/revocation-desk.ts';

let desk: RevocationDesk;

beforeEach(async () => {
  desk = await openRevocationDesk();
});

afterEach(async () => {
  await desk[Symbol.asyncDispose]();
  expect(desk.errors).toEqual([]);
});

describe('the stream of revocations', () => {
  it('tells of a token when it dies, by its id, and of nothing before', async () => {
    const reader = await desk.follow();
    const grant = await desk.hold();
    await desk.revoke(grant.id);
    const [event] = await reader.take(1);
    expect(event).toMatchObject({ event: 'revoked', data: { jti: grant.tokenId, grant_id: grant.id } });
    expect(JSON.stringify(reader.events)).not.toContain('dev');
  });

  it('tells of a grant that came to its end early or late, whoever ended it', async () => {
    const reader = await desk.follow();
    const grant = await desk.hold();
    await desk.broker.clock.advance(600_000);
    await desk.broker.runDue();
    const [event] = await reader.take(1);
    expect(event?.data.jti).toBe(grant.tokenId);
  });

  it('TOK-06: tells a service nothing of another one’s targets', async () => {
    const stranger = await desk.follow({ name: 'other-api', targets: ['elsewhere'] });
    const own = await desk.follow();
    const grant = await desk.hold();
    await desk.revoke(grant.id);
    await own.take(1);
    await desk.broker.clock.advance(5_000);
    await stranger.nextComment();
    expect(stranger.events).toEqual([]);
    expect(Number(stranger.lastId)).toBeGreaterThan(0);
  });

  it('goes on after the position that a service comes back with', async () => {
    const before = await desk.follow();
    const first = await desk.hold();
    await desk.revoke(first.id);
    await before.take(1);
    await before.leave();
    const second = await desk.hold(other);
    await desk.revoke(second.id);
    const [missed] = await (await desk.follow({ after: before.lastId })).take(1);
    expect(missed?.data.jti).toBe(second.tokenId);
  });

  it.each(['999999', 'nonsense', '-1'])(
    'says reset to a position that it does not know: %s',
    async (after) => {
      const [event] = await (await desk.follow({ after })).take(1);
      expect(event?.event).toBe('reset');
    },
  );

  it('gives a sign of life every five seconds, with the position', async () => {
    const reader = await desk.follow();
    for (let index = 0; index < 3; index += 1) {
      await desk.broker.clock.untilSleeping();
      await desk.broker.clock.advance(5_000);
      expect(await reader.nextComment()).toBe('still here');
    }
    expect(reader.lastId).toMatch(/^\d+$/);
  });

  it('INP-01: has room for so many of one service, and again when one leaves', async () => {
    const first = await desk.follow();
    for (let index = 1; index < REVOCATION_STREAMS_PER_SERVICE; index += 1) await desk.follow();
    await expect(desk.follow()).rejects.toThrow('streams of revocations');
    await first.leave();
    await desk.follow();
  });

  it('leaves a service that does not read, and gives its place to another', async () => {
    const grant = await desk.hold();
    await desk.revoke(grant.id);
    const [change] = await desk.broker.store.listChanges({ after: 0, limit: 1 });
    const dead = await desk.broker.store.readGrant(grant.id);
    if (!change || !dead) throw new Error('nothing happened');
    // A log of one dead grant, again and again: more than waits here for anybody.
    const entries = Array.from({ length: 500 }, (_, index) => ({
      change: { ...change, position: index + 1, grantId: dead.id },
      readSubject: async () => ({ request: undefined, grant: dead }),
    }));
    const feed = { ...desk.live.feed, readAfter: async (position: number) => entries.slice(position) };
    const seats = createSeats({ what: 'streams', mostPerPerson: 1, mostInAll: 1 });
    const asker = { name: 'orders-api', targets: ['orders'], secret: new Secret('unused') };
    const app = new Hono<ApiEnvironment>().get('/', (c) =>
      streamRevocations(c, {
        feed,
        serviceSeats: seats,
        clock: desk.broker.clock,
        asker,
        onError: (error) => desk.errors.push(error),
      }),
    );
    const response = await app.request('/', { headers: { 'last-event-id': '0' } });
    expect(() => seats.take('orders-api')).toThrow('streams');
    await desk.broker.clock.untilSleeping();
    await desk.broker.clock.advance(10_000);
    expect(() => seats.take('orders-api')).not.toThrow();
    await response.body?.cancel();
  });

  it('ends with the server', async () => {
    const reader = await desk.follow();
    desk.live.feed.close();
    await reader.ended;
  });
});
