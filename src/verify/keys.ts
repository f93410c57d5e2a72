import { importJWK, type JWK } from 'jose';
import { TOKEN_ALGORITHMS } from '../core/catalogue.ts';
import type { Clock } from '../core/ports/clock.ts';
import { SECOND_MS } from '../core/time.ts';
import { isPlainRecord } from '../server/oauth/json.ts';
import type { ServerCalls } from './server-calls.ts';

const PATH = '/oauth/jwks';
/** A key that is not known makes the keys be fetched, at most so often (TOK-02). */
const COOLDOWN_MS = 30 * SECOND_MS;
/** A server that is away is tried again after this. */
const RETRY_MS = SECOND_MS;
const MOST_KEYS = 100;

type Key = Awaited<ReturnType<typeof importJWK>>;

/** The server's published keys. */
export type ServerKeys = {
  /** Undefined for a key that the server does not have. Rejects while nobody can say. */
  readonly find: (keyId: string) => Promise<Key | undefined>;
};

export type ServerKeysOptions = {
  readonly calls: Pick<ServerCalls, 'read'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Keys this old are not believed: the server may have taken one back. Half as old, they are fetched again. */
  readonly failClosedMs: number;
  readonly onError: (error: unknown) => void;
};

/** Fetched when they are needed first, and once for all who wait. */
export function createServerKeys({ calls, clock, failClosedMs, onError }: ServerKeysOptions): ServerKeys {
  let kept: { readonly keys: ReadonlyMap<string, Key>; readonly atMs: number } | undefined;
  let triedAtMs = Number.NEGATIVE_INFINITY;
  let fetching: Promise<void> | undefined;
  const isPast = (atMs: number, ms: number): boolean => clock.monotonicMs() - atMs >= ms;
  const fetchNow = (): Promise<void> => {
    triedAtMs = clock.monotonicMs();
    const atMs = triedAtMs;
    fetching ??= calls
      .read(PATH)
      .then(importKeys)
      .then((keys) => {
        kept = { keys, atMs };
      }, onError)
      .finally(() => {
        fetching = undefined;
      });
    return fetching;
  };
  const refresh = async (cooldownMs: number): Promise<void> => {
    if (fetching || isPast(triedAtMs, cooldownMs)) await fetchNow();
  };
  return {
    find: async (keyId) => {
      if (!kept || isPast(kept.atMs, failClosedMs)) await refresh(RETRY_MS);
      else if (isPast(kept.atMs, failClosedMs / 2)) void refresh(RETRY_MS);
      if (kept && !kept.keys.has(keyId)) await refresh(COOLDOWN_MS);
      if (!kept || isPast(kept.atMs, failClosedMs)) throw new TypeError('the server’s keys are not known');
      return kept.keys.get(keyId);
    },
  };
}

async function importKeys(set: unknown): Promise<ReadonlyMap<string, Key>> {
  const jwks = isPlainRecord(set) && Array.isArray(set.keys) ? set.keys.filter(isPlainRecord) : [];
  if (jwks.length === 0 || jwks.length > MOST_KEYS) throw new TypeError('the server’s keys are no key set');
  const pairs = jwks.flatMap(({ kty, crv, x, y, n, e, alg, kid }) => {
    const algorithm = TOKEN_ALGORITHMS.find((known) => known === alg);
    if (algorithm === undefined || typeof kid !== 'string') return [];
    // Nothing but what makes the key, whatever else stands beside it.
    const jwk = algorithm === 'RS256' ? { kty, n, e } : { kty, crv, x, y };
    return [importJWK(toTexts(jwk), algorithm).then((key): readonly [string, Key] => [kid, key])];
  });
  return new Map(await Promise.all(pairs));
}

function toTexts(jwk: Readonly<Record<string, unknown>>): JWK {
  return Object.fromEntries(Object.entries(jwk).map(([name, value]) => [name, String(value)])) as JWK;
}
