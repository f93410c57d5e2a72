import { fail } from '../../src/core/errors.ts';
import type { Channel, ChannelMessage, Delivered } from '../../src/core/ports/channel.ts';

/** A channel whose answers are in the test's hands, and that remembers what it was told. */
export type ScriptedChannel = Channel & {
  readonly told: ChannelMessage[];
  answer: (message: ChannelMessage) => Promise<Delivered>;
};

export function createScriptedChannel(name = 'slack'): ScriptedChannel {
  const told: ChannelMessage[] = [];
  const channel: ScriptedChannel = {
    name,
    told,
    answer: async () => ({ reference: null }),
    deliver: (message) => {
      told.push(message);
      return channel.answer(message);
    },
    close: async () => undefined,
  };
  return channel;
}

export async function refuse(): Promise<never> {
  throw fail('channel_failed', { channel: 'slack', why: 'it answered 500' });
}
