import { beforeEach, describe, expect, it } from 'vitest';
import type { ChannelMessage } from '../../src/core/ports/channel.ts';
import { Secret } from '../../src/core/secret.ts';
import type { PluginChannel } from '../../src/plugin/api.ts';
import { containChannel } from '../../src/plugin/contain-channel.ts';
import { createFakeClock, type FakeClock } from '../support/fakes/fake-clock.ts';
import { never } from '../support/never.ts';

const START = Date.parse('2026-11-22T14:00:00Z');
const MESSAGE = {
  notice: { id: 'ntc_1' },
  request: { id: 'req_1' },
  references: [],
} as unknown as ChannelMessage;
let clock: FakeClock;
beforeEach(() => {
  clock = createFakeClock(START);
});

function contain(deliver: PluginChannel['deliver'], close?: () => Promise<void>) {
  const channel = containChannel(
    { deliver, ...(close ? { close } : {}) },
    {
      name: 'pager',
      clock,
      settings: { key: new Secret('hunter2'), other: 'x' },
    },
  );
  return { channel, deliver: () => channel.deliver(MESSAGE, { deadlineAt: clock.now() + 10_000 }) };
}

const failed = (why: string) => ({ code: 'channel_failed', message: `pager did not take it: ${why}` });

describe('INP-05: the channel of a plugin', () => {
  it('that hangs is over at the deadline, and its signal is aborted', async () => {
    let seen: AbortSignal | undefined;
    const { deliver } = contain((_message, { signal }) => {
      seen = signal;
      return never();
    });
    const running = expect(deliver()).rejects.toMatchObject(failed('it did not answer in time'));
    await clock.advance(9_999);
    expect(seen?.aborted).toBe(false);
    await clock.advance(1);
    await running;
    expect(seen?.aborted).toBe(true);
  });

  it('that hangs every time is not called for ever, and is called again when it has ended one', async () => {
    const endings: (() => void)[] = [];
    let called = 0;
    const { deliver } = contain(() => {
      called += 1;
      return new Promise((resolve) => endings.push(() => resolve(undefined)));
    });
    for (let index = 0; index < 16; index += 1) {
      const running = expect(deliver()).rejects.toMatchObject(failed('it did not answer in time'));
      await clock.advance(10_000);
      await running;
    }
    await expect(deliver()).rejects.toMatchObject(failed('it has not ended 16 earlier calls'));
    expect(called).toBe(16);
    endings[0]?.();
    await clock.advance(0);
    const running = deliver();
    endings[16]?.();
    await expect(running).resolves.toEqual({ reference: null });
  });

  it.each([
    ['an error', new Error('the pager is away'), 'the pager is away'],
    ['text', 'no', 'no'],
    ['nothing', undefined, 'undefined'],
    ['a megabyte', new Error('x'.repeat(1_000_000)), 'x'.repeat(200)],
    ['hidden characters', new Error('\u001b[2Jgone\u202e'), '[2Jgone'],
    ['a secret of its own', new Error('hunter2 was refused'), '[redacted] was refused'],
  ])('that throws %s has failed, and says why in a line', async (_, thrown, why) => {
    const throwing = contain(() => {
      throw thrown;
    });
    await expect(throwing.deliver()).rejects.toMatchObject(failed(why));
    const rejecting = contain(() => Promise.reject(thrown));
    await expect(rejecting.deliver()).rejects.toMatchObject(failed(why));
  });

  it.each([['x'.repeat(257)], ['two\nlines'], [7], [{}]])(
    'that gives the reference %j has failed',
    async (reference) => {
      const { deliver } = contain(async () => ({ reference }) as never);
      await expect(deliver()).rejects.toMatchObject(failed('it gave a reference that cannot be kept'));
    },
  );

  it.each([
    [undefined, { reference: null }],
    [null, { reference: null }],
    [{ reference: 'C0:1.1' }, { reference: 'C0:1.1' }],
    [
      { isGone: true, more: 'ignored' },
      { reference: null, isGone: true },
    ],
    [{ reference: 'a', isGone: 'yes' }, { reference: 'a' }],
  ])('that answers %j has delivered', async (answer, delivered) => {
    await expect(contain(async () => answer as never).deliver()).resolves.toEqual(delivered);
  });

  it('is given a copy: what it changes is nobody else’s', async () => {
    const { deliver } = contain(async (message) => {
      Object.assign(message.notice, { id: 'ntc_2' });
      Object.assign(message.request, { id: 'req_2' });
    });
    await deliver();
    expect(MESSAGE).toMatchObject({ notice: { id: 'ntc_1' }, request: { id: 'req_1' } });
  });

  it.each([
    ['never closes', never],
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('that %s is closed within 2 s, and what was under way ends at once', async (_, close) => {
    const { channel, deliver } = contain(never, close);
    const running = expect(deliver()).rejects.toMatchObject(failed('it is closed'));
    const closing = channel.close();
    await running;
    await clock.advance(2_000);
    await closing;
    expect(clock.sleeping).toBe(0);
    await expect(deliver()).rejects.toMatchObject(failed('it is closed'));
  });
});
