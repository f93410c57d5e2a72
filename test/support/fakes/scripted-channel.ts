import { fail } from '../../../src/core/errors.ts';
import type { Channel, ChannelMessage, Delivered } from '../../../src/core/ports/channel.ts';
import type { Clock } from '../../../src/core/ports/clock.ts';

/** A channel whose answers are in the test's hands, and that remembers what it was told. */
export type ScriptedChannel = Channel & {
  readonly told: ChannelMessage[];
  answer: (message: ChannelMessage) => Promise<Delivered>;
};

/** Where no deadline comes. */
const STILL: Pick<Clock, 'now' | 'sleep'> = { now: () => 0, sleep: () => new Promise(() => undefined) };

export function createScriptedChannel(
  name = 'slack',
  clock = STILL,
  traits: Pick<Channel, 'keepsCards'> = {},
): ScriptedChannel {
  const told: ChannelMessage[] = [];
  const closing = new AbortController();
  const giveUp = async (deadlineAt: number): Promise<never> => {
    const closed = new Promise((resolve) => closing.signal.addEventListener('abort', resolve));
    await Promise.race([closed, clock.sleep(deadlineAt - clock.now(), closing.signal)]);
    throw fail('channel_failed', { channel: name, why: 'it did not answer in time' });
  };
  const channel: ScriptedChannel = {
    ...traits,
    name,
    told,
    answer: async () => ({ reference: null }),
    deliver: (message, { deadlineAt }) => {
      told.push(message);
      return Promise.race([channel.answer(message), giveUp(deadlineAt)]);
    },
    close: async () => closing.abort(),
  };
  return channel;
}

export async function refuse(): Promise<never> {
  throw fail('channel_failed', { channel: 'slack', why: 'it answered 500' });
}
