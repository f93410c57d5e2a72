import { fail } from '../../core/errors.ts';
import { CALL_WINDOW_SECONDS } from '../../core/limits.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { Broker, KeepPace } from '../parts.ts';
import { findOwnLimits } from './caps.ts';

/**
 * Counts what makes rows, tokens and passwords: requests, previews, claims, tokens that are signed again, and attempts at
 * approving one's own. By person, not by session, and in the memory of this process: a count that is itself written would
 * be the flood that it is there to stop.
 */
export function createPace(broker: Pick<Broker, 'clock' | 'settings'>): KeepPace {
  const windowMs = CALL_WINDOW_SECONDS * SECOND_MS;
  const counts = new Map<string, number>();
  let window = Number.NaN;
  return ({ principal }) => {
    const now = broker.clock.now();
    const current = Math.floor(now / windowMs);
    if (current !== window) counts.clear();
    window = current;
    const count = counts.get(principal.subject) ?? 0;
    const most = findOwnLimits(broker, principal).callsPerMinute;
    if (count >= most) {
      const afterSeconds = Math.ceil(((current + 1) * windowMs - now) / SECOND_MS);
      throw fail('too_many', { what: `requests in a minute: you may ask ${most} times`, afterSeconds });
    }
    counts.set(principal.subject, count + 1);
  };
}
