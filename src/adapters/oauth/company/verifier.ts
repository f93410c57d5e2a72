import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import { fail, type JitError } from '../../../core/errors.ts';
import {
  isFetchDue,
  isFetchWanted,
  type KeptKeys,
  NO_KEYS,
  noteTry,
  requireKeys,
} from '../../../core/kept-keys.ts';
import { PUBLIC_KEY_ALGORITHMS } from '../../../core/key-algorithms.ts';
import {
  COMPANY_CLOCK_SECONDS,
  LONGEST_ID_TOKEN_CHARACTERS,
  MOST_COMPANY_KEYS,
} from '../../../core/limits.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Outgoing } from '../../../core/ports/outgoing.ts';
import { SECOND_MS } from '../../../core/time.ts';

export type Verifier = {
  /** The claims of an ID token by this issuer for this client, in its time; throws `provider_failed`. */
  verify(token: string): Promise<JWTPayload>;
};

type VerifierOptions = {
  readonly issuer: string;
  readonly clientId: string;
  readonly jwksUri: string;
  readonly fetch: Outgoing;
  readonly clock: Pick<Clock, 'now'>;
};

type KeySet = ReturnType<typeof createLocalJWKSet>;

export function createVerifier(options: VerifierOptions): Verifier {
  const keys = createKeyCache(options);
  return {
    async verify(token) {
      if (token.length > LONGEST_ID_TOKEN_CHARACTERS)
        throw refuse(options.issuer, 'its ID token is too large');
      try {
        return await check(token, await keys.read(), options);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw judge(options.issuer, error);
      }
      try {
        return await check(token, await keys.readAgain(), options);
      } catch (error) {
        throw judge(options.issuer, error);
      }
    },
  };
}

/** One fetch at a time, whoever waits for it; when is for core to say. */
function createKeyCache(options: VerifierOptions) {
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
    read: async () => {
      await refresh(false);
      return requireKeys(kept, clock.now());
    },
    /** For a key that is not among them: where they cannot be read, nobody can say whether it is by now. */
    readAgain: async () => {
      await refresh(true);
      if (kept.failure !== undefined) throw kept.failure;
      return requireKeys(kept, clock.now());
    },
  };
}

async function check(token: string, keys: KeySet, options: VerifierOptions): Promise<JWTPayload> {
  const { payload } = await jwtVerify(token, keys, {
    algorithms: [...PUBLIC_KEY_ALGORITHMS],
    issuer: options.issuer,
    audience: options.clientId,
    currentDate: new Date(options.clock.now()),
    clockTolerance: COMPANY_CLOCK_SECONDS,
    requiredClaims: ['exp', 'iat', 'sub'],
  });
  return requireParty(payload, options);
}

async function fetchKeys({ issuer, jwksUri, fetch }: VerifierOptions): Promise<KeySet> {
  const response = await fetch(jwksUri, { headers: { accept: 'application/json' } });
  if (response.status !== 200) throw refuse(issuer, `it gives no keys (HTTP ${response.status})`);
  try {
    const set = (await response.json()) as JSONWebKeySet;
    if (!Array.isArray(set.keys) || set.keys.length > MOST_COMPANY_KEYS)
      throw new TypeError('no set of keys');
    return createLocalJWKSet({ keys: set.keys });
  } catch (cause) {
    throw refuse(issuer, 'its keys are no JSON Web Key Set', cause);
  }
}

/** OpenID Connect Core §3.1.3.7: what jose does not look at. */
function requireParty(claims: JWTPayload, { issuer, clientId, clock }: VerifierOptions): JWTPayload {
  const isForOthersToo = Array.isArray(claims.aud) && claims.aud.length > 1;
  if (isForOthersToo && claims.azp === undefined) throw refuse(issuer, 'its ID token is for others too');
  if (claims.azp !== undefined && claims.azp !== clientId)
    throw refuse(issuer, 'its ID token is for another client');
  const latest = clock.now() / SECOND_MS + COMPANY_CLOCK_SECONDS;
  if ((claims.iat ?? 0) > latest) throw refuse(issuer, 'its ID token is from the future');
  return claims;
}

function judge(issuer: string, error: unknown): unknown {
  if (!(error instanceof errors.JOSEError)) return error;
  return refuse(issuer, WORDS[error.code] ?? 'its ID token does not hold');
}

const WORDS: Readonly<Record<string, string>> = {
  ERR_JWKS_NO_MATCHING_KEY: 'its ID token is signed by a key that it does not publish',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'the signature of its ID token is wrong',
  ERR_JWT_EXPIRED: 'its ID token has expired, or the clocks differ',
  ERR_JWT_CLAIM_VALIDATION_FAILED: 'a claim of its ID token is wrong',
  ERR_JOSE_ALG_NOT_ALLOWED: 'its ID token is signed in a way that is not accepted',
};

/** The token is not kept as a cause: it is a secret. */
function refuse(issuer: string, why: string, cause?: unknown): JitError {
  return fail('provider_failed', { issuer, why }, cause);
}
