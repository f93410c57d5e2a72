import { compactVerify, createLocalJWKSet, errors, type JSONWebKeySet } from 'jose';
import { isLoopbackHost } from '../../../core/config/address.ts';
import { fail } from '../../../core/errors.ts';
import {
  isFetchDue,
  isFetchWanted,
  type KeptKeys,
  NO_KEYS,
  noteTry,
  requireKeys,
} from '../../../core/kept-keys.ts';
import { PUBLIC_KEY_ALGORITHMS } from '../../../core/key-algorithms.ts';
import { MOST_ISSUER_KEYS } from '../../../core/limits.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Outgoing } from '../../../core/ports/outgoing.ts';
import { isPlainRecord } from '../json.ts';

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
/** Fetched when they are needed first, and one at a time, whoever waits. An outage leaves those that are known. */
export function createIssuerKeys(options: IssuerKeysOptions): IssuerKeys {
  const { clock } = options;
  let kept: KeptKeys<KeySet> = NO_KEYS;
  let fetching: Promise<void> | undefined;
  const fetchOnce = async (): Promise<void> => {
    const triedAt = clock.now();
    const found = await fetchKeys(options).then(
      (keys) => ({ keys }),
      (failure: unknown) => ({ failure }),
    );
    kept = noteTry(kept, { triedAt, found });
    fetching = undefined;
  };
  const refresh = async (isUnknown: boolean): Promise<void> => {
    const now = clock.now();
    if (!isFetchWanted(kept, { now, isUnknown })) return;
    if (isFetchDue(kept, now)) fetching ??= fetchOnce();
    await fetching;
  };
  return {
    async verify(token) {
      await refresh(false);
      const found = await check(token, requireKeys(kept, clock.now()));
      if (found !== 'unknown_key') return found === 'good';
      await refresh(true);
      // Nobody can say whether it is among them by now.
      if (kept.failure !== undefined) throw kept.failure;
      return (await check(token, requireKeys(kept, clock.now()))) === 'good';
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
