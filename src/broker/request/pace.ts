import { fail } from '../../core/errors.ts';
import { CALL_WINDOW_SECONDS, CERTIFICATES_PER_PERSON, SWEEPS_PER_PERSON } from '../../core/limits.ts';
import type { Principal } from '../../core/principal.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { Broker, KeepPace, Paced } from '../parts.ts';
import { findOwnLimits } from './caps.ts';

const WORDS: Readonly<Record<Paced, string>> = {
  requests: 'requests',
  sweeps: 'looks at the grants of many, and revocations of many,',
  certificates: 'certificates',
};

/**
 * Counts what makes rows, tokens and passwords: requests, previews, claims, tokens that are signed again, and attempts at
 * approving one's own; apart from these, what reads all live grants, and certificates. By person, not by session, and in the memory
 * of this process: a count that is itself written would be the flood that it is there to stop.
 */
export function createPace(broker: Pick<Broker, 'clock' | 'settings'>): KeepPace {
  const windowMs = CALL_WINDOW_SECONDS * SECOND_MS;
  const counts = new Map<string, number>();
  let window = Number.NaN;
  return ({ principal }, what = 'requests') => {
    const now = broker.clock.now();
    const current = Math.floor(now / windowMs);
    if (current !== window) counts.clear();
    window = current;
    const key = `${what} ${principal.subject}`;
    const count = counts.get(key) ?? 0;
    const most = findMost(broker, { principal, what });
    if (count >= most) {
      const afterSeconds = Math.ceil(((current + 1) * windowMs - now) / SECOND_MS);
      throw fail('too_many', { what: `${WORDS[what]} in a minute: you may ask ${most} times`, afterSeconds });
    }
    counts.set(key, count + 1);
  };
}

type Counted = { readonly principal: Principal; readonly what: Paced };

function findMost(broker: Pick<Broker, 'settings'>, { principal, what }: Counted): number {
  if (what === 'sweeps') return SWEEPS_PER_PERSON;
  if (what === 'certificates') return CERTIFICATES_PER_PERSON;
  return findOwnLimits(broker, principal).callsPerMinute;
}
