import { fail } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';

/** Rejects with `unreachable` after `limitMs`, whatever the action waits for; the action is told by its signal. */
export async function limitTime<T>(
  action: (signal: AbortSignal) => Promise<T>,
  limit: { readonly clock: Clock; readonly limitMs: number; readonly address: string },
): Promise<T> {
  const over = new AbortController();
  const done = new AbortController();
  const acting = action(over.signal);
  // When the time is over first, nobody waits for what becomes of it.
  acting.catch(() => undefined);
  try {
    return await Promise.race([acting, waitAndFail(limit, done.signal)]);
  } finally {
    done.abort();
    over.abort();
  }
}

async function waitAndFail(
  limit: { readonly clock: Clock; readonly limitMs: number; readonly address: string },
  done: AbortSignal,
): Promise<never> {
  const { clock, limitMs, address } = limit;
  const endsAtMs = clock.monotonicMs() + limitMs;
  while (clock.monotonicMs() < endsAtMs && !done.aborted) {
    await clock.sleep(endsAtMs - clock.monotonicMs(), done);
  }
  if (done.aborted) return new Promise<never>(() => undefined);
  throw fail('unreachable', { address, why: `no answer within ${limitMs / 1000} s` });
}
