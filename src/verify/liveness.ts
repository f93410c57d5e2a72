import { createHash } from 'node:crypto';
import type { Clock } from '../core/ports/clock.ts';
import { SECOND_MS } from '../core/time.ts';
import type { Revocations } from './revocations.ts';

/** With the event stream an answer holds until something is heard; asked again now and then, the server sees the use. */
export const LONGEST_BELIEVED_MS = 300 * SECOND_MS;
const RETRY_MS = SECOND_MS;
const MOST_KNOWN = 10_000;

/** `unknown`: the server was not reached for too long to say. */
export type Life = 'live' | 'dead' | 'unknown';

export type LivenessOptions = {
  /** Asks the server whether it is active; rejects when it was not reached. */
  readonly ask: (token: string) => Promise<boolean>;
  readonly revocations: Revocations | undefined;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly cacheMs: number;
  readonly failClosedMs: number;
  readonly onError: (error: unknown) => void;
};

type Known = { readonly isActive: boolean; readonly checkedAtMs: number };

/** Whether tokens that are good in themselves have been revoked, asking no more often than it must. */
export function createLiveness(
  options: LivenessOptions,
): (token: { readonly id: string; readonly text: string }) => Promise<Life> {
  const { clock, revocations } = options;
  const known = new Map<string, Known>();
  const asking = new Map<string, Promise<boolean>>();
  let failedAtMs = Number.NEGATIVE_INFINITY;

  const ask = (key: string, text: string): Promise<boolean> => {
    if (clock.monotonicMs() - failedAtMs < RETRY_MS) return Promise.reject(new TypeError('it just failed'));
    const checkedAtMs = clock.monotonicMs();
    const asked = options.ask(text).then(
      (isActive) => {
        known.delete(key);
        known.set(key, { isActive, checkedAtMs });
        forgetOldest(known);
        return isActive;
      },
      (error: unknown) => {
        failedAtMs = clock.monotonicMs();
        options.onError(error);
        throw error;
      },
    );
    asking.set(key, asked);
    void asked.finally(() => asking.delete(key)).catch(() => undefined);
    return asked;
  };

  return async ({ id, text }) => {
    if (revocations?.isRevoked(id)) return 'dead';
    const key = createHash('sha256').update(text).digest('base64url');
    const before = recall(known.get(key), revocations);
    if (before && isBelievable(before, options)) return before.isActive ? 'live' : 'dead';
    try {
      const isActive = await (asking.get(key) ?? ask(key, text));
      // It may have died between the server's answer and now.
      return isActive && !revocations?.isRevoked(id) ? 'live' : 'dead';
    } catch {
      return before?.isActive && clock.monotonicMs() - findConfirmedMs(before, options) < options.failClosedMs
        ? 'live'
        : 'unknown';
    }
  };
}

/** What is known of a token, unless it may have died since, unknown to everybody here. */
function recall(known: Known | undefined, revocations: Revocations | undefined): Known | undefined {
  return known && known.checkedAtMs > (revocations?.forgottenMs() ?? Number.NEGATIVE_INFINITY)
    ? known
    : undefined;
}

function isBelievable(known: Known, { clock, cacheMs, revocations }: LivenessOptions): boolean {
  const ageMs = clock.monotonicMs() - known.checkedAtMs;
  if (ageMs < cacheMs) return true;
  return (
    known.isActive && ageMs < LONGEST_BELIEVED_MS && revocations?.hasHeardSince(known.checkedAtMs) === true
  );
}

/** When the server last said, or let know by its silence, that the token lives. */
function findConfirmedMs({ checkedAtMs }: Known, { revocations }: LivenessOptions): number {
  return Math.max(checkedAtMs, revocations?.heardUntilMs(checkedAtMs) ?? checkedAtMs);
}

function forgetOldest(known: Map<string, Known>): void {
  if (known.size <= MOST_KNOWN) return;
  const [oldest] = known.keys();
  if (oldest !== undefined) known.delete(oldest);
}
