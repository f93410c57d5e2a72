import { fail } from '../core/errors.ts';
import type { ClientParts } from './parts.ts';

/** For the server, where the next token must be fetched: another program waits, and shows nothing while it does. */
const ASKING_MS = 10_000;
/** For the server where others of this machine come first, of whom the first one fetches for all. */
const WAITING_MS = 60_000;

/** Behind other helpers at the keychain; who waited this long goes on without a turn. */
const KEYCHAIN_MS = 20_000;

/**
 * Runs an action that looks into the keychain, one helper at a time, and may have to wait for its turn and then claim;
 * `unreachable` when that takes too long.
 */
export function inHurry<T>(parts: ClientParts, action: (parts: ClientParts) => Promise<T>): Promise<T> {
  const { backend, keychain } = parts;
  const asking = { ...parts, limitMs: ASKING_MS };
  const claim: typeof backend.claim = (id, what) => within(asking, backend.claim(id, what));
  const get: typeof keychain.get = (item) => inTurnAtKeychain(parts, () => keychain.get(item));
  const acting = action({ ...parts, keychain: { ...keychain, get }, backend: { ...backend, claim } });
  return within({ ...parts, limitMs: WAITING_MS }, acting);
}

/**
 * A keychain has 3 s for an answer, and a hundred callers at once would take them from each other. A turn is a courtesy: where
 * there is none to be had, the look is taken without.
 */
async function inTurnAtKeychain<T>(
  { lock, clock }: Pick<ClientParts, 'lock' | 'clock'>,
  look: () => Promise<T>,
): Promise<T> {
  const taken = Promise.withResolvers<boolean>();
  const looked = Promise.withResolvers<void>();
  const turn = lock
    .run('keychain', () => {
      taken.resolve(true);
      return looked.promise;
    })
    .catch(() => taken.resolve(false));
  const waiting = new AbortController();
  const isMine = await Promise.race([
    taken.promise,
    clock.sleep(KEYCHAIN_MS, waiting.signal).then(() => false),
  ]);
  waiting.abort();
  try {
    return await look();
  } finally {
    looked.resolve();
    if (isMine) await turn;
  }
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
