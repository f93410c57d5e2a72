import { fail, JitError } from '../core/errors.ts';
import type { Channel, ChannelMessage, Delivered } from '../core/ports/channel.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Secret } from '../core/secret.ts';
import { isTreacherous, removeHidden } from '../core/text.ts';
import { type Instant, SECOND_MS } from '../core/time.ts';
import type { PluginChannel } from './api.ts';

/** Deliveries that a plugin has begun and not ended: beyond these it is not called again before one has ended. */
const MOST_UNENDED = 16;
const LONGEST_CLOSE_MS = 2 * SECOND_MS;
const LONGEST_REFERENCE = 256;
const LONGEST_WHY = 200;

export type Containing = {
  readonly name: string;
  readonly clock: Clock;
  /** Of its settings: what goes wrong is told without them (I5). */
  readonly secrets: readonly Secret[];
};

/**
 * A plugin's channel as one that keeps the port's promises whatever the plugin does (INP-05): what hangs is over at the
 * deadline, what is thrown is `channel_failed`, what it is given is a copy, and nothing waits for it to close.
 */
export function containChannel(channel: PluginChannel, containing: Containing): Channel {
  const { name, clock } = containing;
  const closing = new AbortController();
  const refuse = (why: string, cause?: unknown): JitError =>
    fail('channel_failed', { channel: name, why }, cause);
  let unended = 0;
  const call = async (message: ChannelMessage, ending: { deadlineAt: Instant; signal: AbortSignal }) => {
    unended += 1;
    try {
      return await channel.deliver(structuredClone(message), ending);
    } finally {
      unended -= 1;
    }
  };
  return {
    name,
    deliver: async (message, { deadlineAt }) => {
      if (closing.signal.aborted) throw refuse('it is closed');
      if (unended >= MOST_UNENDED) throw refuse(`it has not ended ${MOST_UNENDED} earlier deliveries`);
      const over = new AbortController();
      const signal = AbortSignal.any([closing.signal, over.signal]);
      try {
        const running = call(message, { deadlineAt, signal });
        const answer = await Promise.race([running, waitUntil(clock, { deadlineAt, signal })]);
        if (answer !== LATE) return readDelivered(answer);
      } catch (error) {
        throw refuse(explain(error, containing), error);
      } finally {
        over.abort();
      }
      throw refuse(closing.signal.aborted ? 'it is closed' : 'it did not take it in time');
    },
    close: async () => {
      closing.abort();
      const over = new AbortController();
      const running = (async () => channel.close?.())().catch(() => undefined);
      await Promise.race([running, clock.sleep(LONGEST_CLOSE_MS, over.signal)]);
      over.abort();
    },
  };
}

const LATE = Symbol('late');

/** At the deadline, however early the clock wakes (S10), or as soon as the signal is aborted. */
async function waitUntil(
  clock: Clock,
  { deadlineAt, signal }: { readonly deadlineAt: Instant; readonly signal: AbortSignal },
): Promise<typeof LATE> {
  while (!signal.aborted && clock.now() < deadlineAt) await clock.sleep(deadlineAt - clock.now(), signal);
  return LATE;
}

/** Nothing, or a reference that may be kept. */
function readDelivered(answer: unknown): Delivered {
  const { reference = null, isGone } = (answer ?? {}) as Partial<Record<keyof Delivered, unknown>>;
  const isText =
    typeof reference === 'string' && reference.length <= LONGEST_REFERENCE && !isTreacherous(reference);
  if (reference !== null && !isText) throw new Error('it gave a reference that cannot be kept');
  return isGone === true ? { reference, isGone } : { reference };
}

/** What went wrong as one short line for people: no secret, nothing hidden (I5, S12). */
function explain(error: unknown, { name, secrets }: Containing): string {
  const message = error instanceof Error ? String(error.message) : String(error);
  const own = error instanceof JitError ? message.replace(`${name} did not take it: `, '') : message;
  const told = secrets.reduce((text, secret) => text.replaceAll(secret.reveal(), '[redacted]'), own);
  return removeHidden(told).slice(0, LONGEST_WHY);
}
