import { compactVerify, createLocalJWKSet, errors, type JSONWebKeySet } from 'jose';
import { isLoopbackHost } from '../../../core/config/address.ts';
import { fail } from '../../../core/errors.ts';
import { PUBLIC_KEY_ALGORITHMS } from '../../../core/key-algorithms.ts';
import { MOST_ISSUER_KEYS } from '../../../core/limits.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Outgoing } from '../../../core/ports/outgoing.ts';
import { type Instant, SECOND_MS } from '../../../core/time.ts';
import { isPlainRecord } from '../json.ts';

/** A key that is not known makes the keys be fetched, at most so often (TOK-02). */
export const KEYS_COOLDOWN_SECONDS = 30;
/** So old, they are fetched again: a key that its issuer took back is not believed for ever. */
export const KEYS_KEPT_SECONDS = 3_600;
/** An issuer that is away for longer is not believed any more. */
const KEYS_LONGEST_SECONDS = 86_400;

export type IssuerKeysOptions = {
  readonly issuer: string;
  readonly clock: Pick<Clock, 'now'>;
  /** Makes the way to call these addresses (INP-02): the issuer's own, and then the one that it names for its keys. */
  readonly createOutgoing: (urls: readonly string[]) => Outgoing;
};

/** The published keys of one issuer. */
export type IssuerKeys = {
  /** Was the token signed by one of them? Throws `provider_failed` while nobody can say. */
  verify(token: string): Promise<boolean>;
};

type KeySet = ReturnType<typeof createLocalJWKSet>;
type Kept = { readonly keys: KeySet; readonly at: Instant };

/** Fetched when they are needed first, and one at a time, whoever waits. An outage leaves those that are known. */
export function createIssuerKeys(options: IssuerKeysOptions): IssuerKeys {
  const { clock } = options;
  let kept: Kept | undefined;
  let triedAt: Instant = Number.NEGATIVE_INFINITY;
  let lastError: unknown;
  let fetching: Promise<void> | undefined;
  const fetchOnce = (): Promise<void> => {
    fetching ??= fetchKeys(options)
      .then(
        (keys) => {
          kept = { keys, at: clock.now() };
        },
        (error: unknown) => {
          lastError = error;
        },
      )
      .finally(() => {
        fetching = undefined;
      });
    triedAt = clock.now();
    return fetching;
  };
  const isPast = (at: Instant, seconds: number) => clock.now() - at >= seconds * SECOND_MS;
  const refresh = async (): Promise<void> => {
    if (fetching || isPast(triedAt, KEYS_COOLDOWN_SECONDS)) await fetchOnce();
  };
  return {
    async verify(token) {
      if (!kept || isPast(kept.at, KEYS_KEPT_SECONDS)) await refresh();
      if (!kept || isPast(kept.at, KEYS_LONGEST_SECONDS)) throw lastError;
      const found = await check(token, kept.keys);
      if (found !== 'unknown_key') return found === 'good';
      await refresh();
      return (await check(token, kept.keys)) === 'good';
    },
  };
}

async function check(token: string, keys: KeySet): Promise<'good' | 'bad' | 'unknown_key'> {
  try {
    await compactVerify(token, keys, { algorithms: [...PUBLIC_KEY_ALGORITHMS] });
    return 'good';
  } catch (error) {
    return error instanceof errors.JWKSNoMatchingKey ? 'unknown_key' : 'bad';
  }
}

async function fetchKeys({ issuer, createOutgoing }: IssuerKeysOptions): Promise<KeySet> {
  const metadata = await readJson(issuer, {
    url: `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    fetch: createOutgoing([issuer]),
  });
  // The text itself must be equal (OpenID Connect Discovery §4.3).
  if (metadata.issuer !== issuer) throw refuse(issuer, 'its metadata names another issuer');
  const url = metadata.jwks_uri;
  if (typeof url !== 'string' || !isPlace(url, issuer))
    throw refuse(issuer, 'its metadata has no usable jwks_uri');
  const set = await readJson(issuer, { url, fetch: createOutgoing([url]) });
  if (!Array.isArray(set.keys) || set.keys.length > MOST_ISSUER_KEYS || !set.keys.every(isPlainRecord))
    throw refuse(issuer, 'its keys are no JSON Web Key Set');
  return createLocalJWKSet({ keys: set.keys } as JSONWebKeySet);
}

/** https; plain http, and this machine, only where the issuer itself is that. */
function isPlace(text: string, issuer: string): boolean {
  const url = URL.parse(text);
  if (url?.username !== '' || url.password !== '') return false;
  const own = new URL(issuer);
  if (isLoopbackHost(url.hostname) && !isLoopbackHost(own.hostname)) return false;
  return url.protocol === 'https:' || url.origin === own.origin;
}

async function readJson(
  issuer: string,
  { url, fetch }: { readonly url: string; readonly fetch: Outgoing },
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(url, { headers: { accept: 'application/json' } }).catch((cause: unknown) => {
    throw refuse(issuer, 'it was not reached', cause);
  });
  const value: unknown = response.ok ? await response.json().catch(() => undefined) : undefined;
  if (isPlainRecord(value)) return value;
  throw refuse(issuer, `it answered nothing that can be read (HTTP ${response.status})`);
}

function refuse(issuer: string, why: string, cause?: unknown): Error {
  return fail('provider_failed', { issuer, why }, cause);
}
