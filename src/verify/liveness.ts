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
type Asking = Known & { readonly answer: Promise<boolean> };

/** Whether tokens that are good in themselves have been revoked, asking no more often than it must. */
export function createLiveness(
  options: LivenessOptions,
): (token: { readonly id: string; readonly text: string }) => Promise<Life> {
  const { clock, revocations } = options;
  const known = new Map<string, Known>();
  const asking = new Map<string, Asking>();
  let failedAtMs = Number.NEGATIVE_INFINITY;

  const ask = (key: string, text: string): Promise<boolean> => {
    if (clock.monotonicMs() - failedAtMs < RETRY_MS) return Promise.reject(new TypeError('it just failed'));
    const checkedAtMs = clock.monotonicMs();
    const asked = options.ask(text).then(
      (isActive) => {
        const newest = known.get(key);
        // Overtaken by a later one: it says less than that.
        if (newest && newest.checkedAtMs > checkedAtMs) return isActive && newest.isActive;
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
    const mine = { isActive: true, checkedAtMs, answer: asked };
    asking.set(key, mine);
    const leave = (): boolean => asking.get(key) === mine && asking.delete(key);
    void asked.finally(leave).catch(() => undefined);
    return asked;
  };
  /** A question of others, where its answer would be believed if it came now: it may speak of the moment of asking. */
  const join = (key: string): Promise<boolean> | undefined => {
    const other = asking.get(key);
    return other && isBelievable(other, options) ? other.answer : undefined;
  };

  return async ({ id, text }) => {
    if (revocations?.isRevoked(id)) return 'dead';
    const key = createHash('sha256').update(text).digest('base64url');
    const before = recall(known.get(key), revocations);
    if (before && isBelievable(before, options)) return before.isActive ? 'live' : 'dead';
    try {
      const isActive = await (join(key) ?? ask(key, text));
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
