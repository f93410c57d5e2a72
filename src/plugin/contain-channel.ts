import { fail } from '../core/errors.ts';
import type { Channel, Delivered } from '../core/ports/channel.ts';
import type { Clock } from '../core/ports/clock.ts';
import { isTreacherous } from '../core/text.ts';
import { SECOND_MS } from '../core/time.ts';
import type { PluginChannel, Settings } from './api.ts';
import { createCalls } from './calls.ts';

const LONGEST_CLOSE_MS = 2 * SECOND_MS;
const LONGEST_REFERENCE = 256;

export type Containing = { readonly name: string; readonly clock: Clock; readonly settings: Settings };

/**
 * A plugin's channel as one that keeps the port's promises whatever the plugin does (INP-05): what hangs is over at the
 * deadline, what is thrown is `channel_failed`, what it is given is a copy, and nothing waits for it to close.
 */
export function containChannel(channel: PluginChannel, { name, clock, settings }: Containing): Channel {
  const calls = createCalls({
    clock,
    settings,
    refuse: (why, cause) => fail('channel_failed', { channel: name, why }, cause),
  });
  return {
    name,
    deliver: (message, { deadlineAt }) =>
      calls.run(deadlineAt, async (signal) =>
        readDelivered(await channel.deliver(structuredClone(message), { deadlineAt, signal })),
      ),
    close: async () => {
      calls.close();
      await closeWithin(clock, async () => channel.close?.());
    },
  };
}

/** Closes what may never close, and what may fail to. */
export async function closeWithin(clock: Clock, close: () => Promise<void>): Promise<void> {
  const over = new AbortController();
  await Promise.race([close().catch(() => undefined), clock.sleep(LONGEST_CLOSE_MS, over.signal)]);
  over.abort();
}

/** Nothing, or a reference that may be kept. */
function readDelivered(answer: unknown): Delivered {
  const { reference = null, isGone } = (answer ?? {}) as Partial<Record<keyof Delivered, unknown>>;
  const isText =
    typeof reference === 'string' && reference.length <= LONGEST_REFERENCE && !isTreacherous(reference);
  if (reference !== null && !isText) throw new Error('it gave a reference that cannot be kept');
  return isGone === true ? { reference, isGone } : { reference };
}
