import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { Secret } from '../../core/secret.ts';
import type { KeyUse } from '../../core/server-keys.ts';
import { sealText, unsealText } from '../oauth/tokens/sealed-text.ts';
import type { RingKey } from './ring.ts';

export type KeyAlgorithm = 'ES256' | 'RS256' | 'EdDSA' | 'HS256';

/** Keys of one kind, which rest together under one setting. */
export type KeyKind = { readonly use: KeyUse; readonly algorithm: KeyAlgorithm; readonly setting: string };

export const ES256_KEYS: KeyKind = { use: 'signing', algorithm: 'ES256', setting: 'signing keys' };
/** Apart, because most servers never need one. */
export const RS256_KEYS: KeyKind = { use: 'signing', algorithm: 'RS256', setting: 'signing keys RS256' };
export const COOKIE_KEYS: KeyKind = { use: 'cookies', algorithm: 'HS256', setting: 'cookie keys' };
export const CHECKPOINT_KEYS: KeyKind = { use: 'checkpoint', algorithm: 'EdDSA', setting: 'checkpoint keys' };

/** A key as it is kept. The first of the cookies has no `k`: it is derived from the server's secret. */
export type KeptKey = RingKey & { readonly jwk: JWK };

const RSA_BITS = 2048;
const COOKIE_BYTES = 32;
const ID_BYTES = 9;

/** A new key; its id is its thumbprint (RFC 7638), or for a secret one, chance. */
export async function makeJwk(algorithm: KeyAlgorithm): Promise<JWK> {
  if (algorithm === 'HS256') {
    const [kid, k] = [randomBytes(ID_BYTES), randomBytes(COOKIE_BYTES)].map((b) => b.toString('base64url'));
    return { kty: 'oct', kid: kid ?? '', k: k ?? '' };
  }
  const { privateKey } = await makePair(algorithm);
  const jwk = privateKey.export({ format: 'jwk' }) as JWK;
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: algorithm, use: 'sig' };
}

function makePair(algorithm: Exclude<KeyAlgorithm, 'HS256'>) {
  if (algorithm === 'RS256') return promisify(generateKeyPair)('rsa', { modulusLength: RSA_BITS });
  if (algorithm === 'EdDSA') return promisify(generateKeyPair)('ed25519');
  return promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
}

/** What the first start of the first replica keeps: a key that signs from the beginning. */
export async function sealFirstKey(secret: Secret, kind: KeyKind): Promise<string> {
  const jwk = kind === COOKIE_KEYS ? { kty: 'oct', kid: 'first' } : await makeJwk(kind.algorithm);
  return sealKeys(secret, kind, [keepAlways(jwk)]);
}

export function sealKeys(secret: Secret, { setting }: KeyKind, keys: readonly KeptKey[]): string {
  return sealText(secret, setting, JSON.stringify(keys));
}

/** A wrong secret is `config_invalid`. Keys of before were kept without their times. */
export function unsealKeys(secret: Secret, { setting }: KeyKind, sealed: string): readonly KeptKey[] {
  const kept = JSON.parse(unsealText(secret, setting, sealed)) as readonly (KeptKey | JWK)[];
  return kept.map((key) => ('jwk' in key ? (key as KeptKey) : keepAlways(key as JWK)));
}

function keepAlways(jwk: JWK): KeptKey {
  return { id: jwk.kid ?? '', madeAt: null, signsFrom: 0, verifiesUntil: null, jwk };
}

/** What everybody may know of a key, member by member: an RSA key has more private ones than `d` (RFC 7518 §6.3.2). */
export function withoutPrivateHalf({ kty, crv, x, y, n, e, kid, alg, use }: JWK): JWK {
  const key: Record<string, string | undefined> = { kty, crv, x, y, n, e, kid, alg, use };
  return Object.fromEntries(Object.entries(key).filter(([, member]) => member !== undefined)) as JWK;
}
