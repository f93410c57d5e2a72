import { fail } from '../core/errors.ts';
import type { ClientParts } from './parts.ts';

/** For the server, where the next token must be fetched: another program waits, and shows nothing while it does. */
const ASKING_MS = 5_000;
/** The same with others of this machine before it, of whom the first fetches for all. */
const WAITING_MS = 30_000;

/** Runs an action that may have to wait for its turn and then claims; `unreachable` when either takes too long. */
export function inHurry<T>(parts: ClientParts, action: (parts: ClientParts) => Promise<T>): Promise<T> {
  const { backend } = parts;
  const asking = { ...parts, limitMs: ASKING_MS };
  const claim: typeof backend.claim = (id, what) => within(asking, backend.claim(id, what));
  const acting = action({ ...parts, backend: { ...backend, claim } });
  return within({ ...parts, limitMs: WAITING_MS }, acting);
}

type Limit = Pick<ClientParts, 'clock' | 'server'> & { readonly limitMs: number };

async function within<T>(limit: Limit, action: Promise<T>): Promise<T> {
  const done = new AbortController();
  try {
    return await Promise.race([action, waitAndFail(limit, done.signal)]);
  } finally {
    done.abort();
  }
}

async function waitAndFail({ clock, server, limitMs }: Limit, done: AbortSignal): Promise<never> {
  const endsAtMs = clock.monotonicMs() + limitMs;
  while (clock.monotonicMs() < endsAtMs && !done.aborted)
    await clock.sleep(endsAtMs - clock.monotonicMs(), done);
  if (done.aborted) return new Promise<never>(() => undefined);
  throw fail('unreachable', { address: server, why: `no answer within ${limitMs / 1000} s` });
}
