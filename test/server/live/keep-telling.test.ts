import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fail } from '../../../src/core/errors.ts';
import { REVOCATION_STREAMS_PER_SERVICE } from '../../../src/core/limits.ts';
import { openRevocationDesk, type RevocationDesk } from '../../support/verifying/revocation-desk.ts';

let desk: RevocationDesk;

beforeEach(async () => {
  desk = await openRevocationDesk();
});

afterEach(async () => {
  await desk[Symbol.asyncDispose]();
  expect(desk.errors).toEqual([]);
});

describe('a sign of life to a service', () => {
  it('S15: is not given where the log cannot be read, though nothing is known to have happened, and ends', async () => {
    const reader = await desk.follow();
    await desk.broker.clock.untilSleeping();
    desk.log.isSilent = true;
    await desk.revoke((await desk.hold()).id);
    desk.log.trouble = fail('store_unreachable', { why: 'the cable is out' });
    await desk.broker.clock.advance(5_000);
    await reader.ended;
    await expect(reader.nextComment()).rejects.toThrow('the stream ended');
  });

  it('S15: begins no stream where the log cannot be read, whatever is in memory, and frees the place', async () => {
    const reader = await desk.follow();
    await desk.broker.clock.untilSleeping();
    await desk.broker.clock.advance(2_000);
    desk.log.trouble = fail('store_unreachable', { why: 'the cable is out' });
    for (let index = 0; index < REVOCATION_STREAMS_PER_SERVICE; index += 1)
      await expect(desk.follow({ after: reader.lastId })).rejects.toThrow('the cable is out');
    desk.log.trouble = undefined;
    await desk.follow({ after: reader.lastId });
  });

  it('tells with it of a token whose death nobody told of', async () => {
    desk.log.isSilent = true;
    const reader = await desk.follow();
    const grant = await desk.hold();
    await desk.revoke(grant.id);
    await desk.broker.clock.untilSleeping();
    await desk.broker.clock.advance(5_000);
    const [event] = await reader.take(1);
    expect(event?.data.jti).toBe(grant.tokenId);
  });

  it('says nothing new by a look that took longer than a sign of life holds', async () => {
    const reader = await desk.follow();
    await desk.broker.clock.untilSleeping();
    const gate = Promise.withResolvers<void>();
    desk.log.slowly = gate.promise;
    await desk.broker.clock.advance(5_000);
    const before = desk.log.reads;
    await desk.broker.clock.advance(5_000);
    desk.log.slowly = undefined;
    gate.resolve();
    expect(await reader.nextComment()).toBe('still here');
    expect(desk.log.reads).toBe(before + 1);
  });

  it('looks once for all who are to hear it', async () => {
    const all = [];
    for (let index = 0; index < 10; index += 1) all.push(await desk.follow());
    await desk.broker.clock.untilSleeping(10);
    const before = desk.log.reads;
    await desk.broker.clock.advance(5_000);
    for (const reader of all) await reader.nextComment();
    expect(desk.log.reads).toBe(before + 1);
  });

  it('comes back with a position that this server has not heard of yet, and goes on', async () => {
    const first = await desk.follow();
    desk.log.isSilent = true;
    const grant = await desk.hold();
    const position = await desk.broker.store.findPosition();
    await desk.broker.clock.advance(1);
    const reader = await desk.follow({ after: String(position) });
    await desk.revoke(grant.id);
    await desk.broker.clock.advance(5_000);
    const [event] = await reader.take(1);
    expect(event).toMatchObject({ event: 'revoked', data: { jti: grant.tokenId } });
    await first.leave();
  });
});
