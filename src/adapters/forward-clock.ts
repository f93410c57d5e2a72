import { fail } from '../core/errors.ts';
import type { Clock, ClockHealth } from '../core/ports/clock.ts';
import { type Instant, SECOND_MS } from '../core/time.ts';

/** What a clock that was a little ahead is set back by, soon after its machine started for one. */
const FOLLOWED_MS = 60 * SECOND_MS;

export type ForwardClockOptions = {
  readonly host: Clock;
  /** Told when the host's clock was set back, once for each time. */
  readonly onError: (error: unknown) => void;
};

/**
 * The host's clock, for a server whose clock it is: one that is set back by more than a minute gives nobody more time. From
 * then on the monotonic clock counts on, and is not trusted with new ends, until the host's clock is there again or the
 * server is started anew. Forward it is followed: a machine that slept looks the same, and ends only come early.
 */
export function createForwardClock({ host, onError }: ForwardClockOptions): Clock {
  let last: { readonly at: Instant; readonly monotonicMs: number } | undefined;
  let isHeld = false;
  const now = (): Instant => {
    const [at, monotonicMs] = [host.now(), host.monotonicMs()];
    const countedAt = last === undefined ? at : last.at + (monotonicMs - last.monotonicMs);
    const wasHeld = isHeld;
    isHeld = countedAt - at > FOLLOWED_MS;
    if (isHeld && !wasHeld)
      onError(fail('server_clock_wrong', { offsetSeconds: Math.round((countedAt - at) / SECOND_MS) }));
    if (isHeld) return Math.round(countedAt);
    last = { at, monotonicMs };
    return at;
  };
  const readHealth = (): ClockHealth => ({ offsetMs: now() - host.now(), isTrusted: !isHeld });
  return { now, monotonicMs: host.monotonicMs, sleep: host.sleep, readHealth };
}
