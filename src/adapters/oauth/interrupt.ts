import { fail } from '../../core/errors.ts';

/** Rejects with `interrupted` as soon as the signal is aborted, whatever the action is still waiting for. */
export async function raceInterrupt<T>(action: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const interrupt = (): void => reject(fail('interrupted', { why: 'the login was interrupted' }));
  if (signal.aborted) interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  // The loser of the race may reject later: nobody waits for it then.
  action.catch(() => undefined);
  try {
    return await Promise.race([action, promise]);
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}
