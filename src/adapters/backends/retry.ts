import { hasCode } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2_000;
/** Causes that do not go away within seconds: waiting for them only hides a typing error. */
const LASTING = /CERT|^UNABLE_TO_|^ENOTFOUND$|^EPROTO$/;

/**
 * Repeats an action that found nobody, with growing pauses, until `patienceMs` have passed since the first attempt; then
 * the last error stands. The action must be one that may happen twice.
 */
export async function retryUnreachable<T>(
  action: () => Promise<T>,
  options: {
    readonly clock: Clock;
    readonly patienceMs: number;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<T> {
  const { clock, patienceMs, signal } = options;
  const endsAtMs = clock.monotonicMs() + patienceMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await action();
    } catch (error) {
      const isOver = clock.monotonicMs() + pauseMs > endsAtMs;
      if (isOver || signal?.aborted || !isPassing(error)) throw error;
      await clock.sleep(pauseMs, signal);
    }
  }
}

function isPassing(error: unknown): boolean {
  if (!hasCode(error, 'unreachable')) return false;
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return !LASTING.test(code);
}
