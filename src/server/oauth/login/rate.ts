import { LOGIN_WINDOW_SECONDS, LOGINS_IN_ALL, LOGINS_PER_ADDRESS } from '../../../core/limits.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import { type Instant, SECOND_MS } from '../../../core/time.ts';
import { findNetwork } from '../../http/network.ts';

export type Rate = {
  /** From one IPv4 address, or one /64 of IPv6. */
  readonly perAddress: number;
  /** All addresses together. */
  readonly inAll: number;
  readonly windowSeconds: number;
};

export const LOGIN_RATE: Rate = {
  perAddress: LOGINS_PER_ADDRESS,
  inAll: LOGINS_IN_ALL,
  windowSeconds: LOGIN_WINDOW_SECONDS,
};

/** Undefined when there is room for one more from this address, else the seconds until there is. */
export type Admit = (address: string) => number | undefined;

/**
 * Counts what costs a row in the store, so that nobody can fill the disk that revocation needs. Counted in memory, for
 * this process: a count that is itself written would be the flood that it is there to stop. Guesses are counted by
 * `Attempts`.
 */
export function createAdmission(clock: Pick<Clock, 'now'>, rate: Rate): Admit {
  const windowMs = rate.windowSeconds * SECOND_MS;
  const counts = new Map<string, number>();
  let window: Instant = Number.NaN;
  let all = 0;
  return (address) => {
    const now = clock.now();
    const current = Math.floor(now / windowMs);
    if (current !== window) {
      window = current;
      counts.clear();
      all = 0;
    }
    const network = findNetwork(address);
    const count = counts.get(network) ?? 0;
    if (count >= rate.perAddress || all >= rate.inAll) {
      return Math.ceil(((window + 1) * windowMs - now) / SECOND_MS);
    }
    counts.set(network, count + 1);
    all += 1;
    return undefined;
  };
}
