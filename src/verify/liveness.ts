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
  const ask = createQuestions(options, known);
  return async ({ id, text }) => {
    if (revocations?.isRevoked(id)) return 'dead';
    const key = createHash('sha256').update(text).digest('base64url');
    const before = recall(known.get(key), revocations);
    if (before && isBelievable(before, options)) return before.isActive ? 'live' : 'dead';
    const isActive = await ask(key, text).catch(() => undefined);
    // It may have died between the server's answer and now, or while there was none.
    if (isActive === false || revocations?.isRevoked(id)) return 'dead';
    if (isActive) return 'live';
    return before?.isActive && clock.monotonicMs() - findConfirmedMs(before, options) < options.failClosedMs
      ? 'live'
      : 'unknown';
  };
}

/** Returns how to ask the server, which adds its answers to what is known. Rejects when it was not reached. */
function createQuestions(
  options: LivenessOptions,
  known: Map<string, Known>,
): (key: string, text: string) => Promise<boolean> {
  const { clock } = options;
  const asking = new Map<string, Asking>();
  let failedAtMs = Number.NEGATIVE_INFINITY;
  const noteFailure = (error: unknown): never => {
    failedAtMs = clock.monotonicMs();
    options.onError(error);
    throw error;
  };
  const ask = (key: string, text: string): Promise<boolean> => {
    const checkedAtMs = clock.monotonicMs();
    if (checkedAtMs - failedAtMs < RETRY_MS) return Promise.reject(new TypeError('it just failed'));
    const answer = options
      .ask(text)
      .then((isActive) => learn(known, { key, isActive, checkedAtMs }), noteFailure);
    const mine = { isActive: true, checkedAtMs, answer };
    asking.set(key, mine);
    const leave = (): boolean => asking.get(key) === mine && asking.delete(key);
    void answer.finally(leave).catch(() => undefined);
    return answer;
  };
  return (key, text) => {
    // Joined only where its answer would be believed if it came now: it may speak of the moment of asking.
    const other = asking.get(key);
    return other && isBelievable(other, options) ? other.answer : ask(key, text);
  };
}

/** Returns whether it is active by all that is known. */
function learn(known: Map<string, Known>, answer: Known & { readonly key: string }): boolean {
  const { key } = answer;
  const newest = known.get(key);
  // Overtaken by a later one: it says less than that.
  if (newest && newest.checkedAtMs > answer.checkedAtMs) return answer.isActive && newest.isActive;
  known.delete(key);
  known.set(key, answer);
  forgetOldest(known);
  return answer.isActive;
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
