import { fail } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Outgoing, OutgoingCall } from '../../core/ports/outgoing.ts';
import type { Instant } from '../../core/time.ts';

/** Calls of one channel, which end when it is closed. */
export type Line = {
  /** `channel_failed` where no answer came by then. */
  send(url: string, call: OutgoingCall & { readonly deadlineAt: Instant }): Promise<Response>;
  close(): void;
};

export function openLine(parts: {
  readonly channel: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly outgoing: Outgoing;
}): Line {
  const closing = new AbortController();
  return {
    async send(url, { deadlineAt, ...call }) {
      const leftMs = Math.max(0, deadlineAt - parts.clock.now());
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(leftMs)]);
      try {
        return await parts.outgoing(url, { ...call, signal });
      } catch (error) {
        const why = error instanceof Error ? error.message : 'it was not reached';
        throw fail('channel_failed', { channel: parts.channel, why }, error);
      }
    },
    close: () => closing.abort(),
  };
}
