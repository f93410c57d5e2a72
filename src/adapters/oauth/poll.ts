import { fail, type JitError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { SECOND_MS } from '../../core/time.ts';
import { judgeError } from './judge-error.ts';
import { mapLoginError } from './map-error.ts';

const SLOW_DOWN_MS = 5 * SECOND_MS;
/** A server that is away is asked at least this often, so that a login still succeeds soon after its return. */
const LONGEST_BACKOFF_MS = 20 * SECOND_MS;

export type Polling<T> = {
  /** One poll: the tokens, or whatever the OAuth library throws. */
  readonly ask: () => Promise<T>;
  readonly clock: Clock;
  readonly server: string;
  readonly intervalSeconds: number;
  /** By `monotonicMs`: a wall clock that is set meanwhile changes nothing (DEV-06). */
  readonly endsAtMonotonicMs: number;
  readonly signal: AbortSignal;
  /** What ends it, in the words of what is asked for; of a login where it is missing. */
  readonly mapError?: ((error: unknown, server: string) => JitError) | undefined;
};

/** How the polling stands: the pace asked for, and how often in a row nobody answered. */
type Pace = { readonly intervalMs: number; readonly absences: number; readonly lastAbsence?: JitError };

/**
 * RFC 8628 §3.5: asks until there are tokens. `slow_down` lengthens the interval for good, an unreachable server
 * is asked again at growing intervals, anything else ends it. When the code's time is over: `unreachable` if the server
 * was away at last, `login_expired` otherwise.
 */
export async function pollUntilConfirmed<T>(polling: Polling<T>): Promise<T> {
  let pace: Pace = { intervalMs: polling.intervalSeconds * SECOND_MS, absences: 0 };
  for (;;) {
    await waitForTurn(polling, pace);
    try {
      return await polling.ask();
    } catch (error) {
      pace = judgePoll(error, { pace, polling });
    }
  }
}

async function waitForTurn(polling: Polling<unknown>, pace: Pace): Promise<void> {
  const { clock, signal, endsAtMonotonicMs } = polling;
  const turnAtMs = clock.monotonicMs() + findWaitMs(pace);
  const untilMs = Math.min(turnAtMs, endsAtMonotonicMs);
  for (;;) {
    if (signal.aborted) throw fail('interrupted', { why: 'the login was interrupted' });
    const leftMs = untilMs - clock.monotonicMs();
    if (leftMs <= 0) break;
    await clock.sleep(leftMs, signal);
  }
  if (turnAtMs >= endsAtMonotonicMs) throw pace.lastAbsence ?? fail('login_expired', {});
}

function findWaitMs(pace: Pace): number {
  const backoffMs = Math.min(pace.intervalMs * 2 ** Math.min(pace.absences, 10), LONGEST_BACKOFF_MS);
  return Math.max(pace.intervalMs, backoffMs);
}

type Judging = { readonly pace: Pace; readonly polling: Polling<unknown> };

function judgePoll(error: unknown, { pace, polling }: Judging): Pace {
  const { server, mapError = mapLoginError } = polling;
  const trouble = judgeError(error);
  if (trouble.kind === 'away') {
    return { ...pace, absences: pace.absences + 1, lastAbsence: mapError(error, server) };
  }
  const answered: Pace = { intervalMs: pace.intervalMs, absences: 0 };
  if (trouble.kind === 'refused' && trouble.error === 'authorization_pending') return answered;
  if (trouble.kind === 'refused' && trouble.error === 'slow_down') {
    return { ...answered, intervalMs: pace.intervalMs + SLOW_DOWN_MS };
  }
  throw mapError(error, server);
}
