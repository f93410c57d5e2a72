import { createHash, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import {
  LONGEST_PROOF_CHARACTERS,
  LONGEST_PROOF_ID_CHARACTERS,
  PROOF_WINDOW_SECONDS,
} from '../../../core/limits.ts';
import { type Instant, SECOND_MS } from '../../../core/time.ts';
import { isPlainRecord, type PlainRecord } from '../json.ts';
import { createRecent } from '../recent.ts';
import { isSignedBy, readVerifyingKey } from './signatures.ts';

export const PROOF_ALGORITHMS = ['ES256', 'EdDSA', 'Ed25519'] as const;

const MOST_KEYS = 2_000;
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const CURVES: Readonly<Record<string, string>> = { ES256: 'P-256', EdDSA: 'Ed25519', Ed25519: 'Ed25519' };
const PUBLIC_MEMBERS = new Set(['kty', 'crv', 'x', 'y', 'kid', 'alg', 'use', 'key_ops', 'ext']);

/** What the proof must have been made for. `url` is jit's own address of the endpoint, never one from the request. */
export type ProofDemand = {
  readonly method: string;
  readonly url: string;
  /** The access token that comes with it; absent at the token endpoint. */
  readonly accessToken?: string;
  readonly now: Instant;
};

/** A proof that holds: whose key made it, and until when its `id` must be remembered. */
export type Proof = {
  readonly thumbprint: string;
  readonly id: string;
  readonly rememberUntil: Instant;
};

/**
 * Judges a DPoP proof (RFC 9449 §4.3); undefined when any part of it is wrong. That it was not used before is the
 * caller's to claim.
 */
export async function verifyProof(text: string, demand: ProofDemand): Promise<Proof | undefined> {
  if (text.length > LONGEST_PROOF_CHARACTERS || !COMPACT.test(text)) return undefined;
  try {
    const [header = '', payload = ''] = text.split('.');
    const jwk = readPublicKey(decodePart(header));
    if (!jwk) return undefined;
    const { key, thumbprint } = await readKey(jwk);
    const claims = isSignedBy(text, key) ? decodePart(payload) : undefined;
    if (!claims || !meetsDemand(claims, demand)) return undefined;
    return {
      thumbprint,
      id: String(claims.jti),
      rememberUntil: (Number(claims.iat) + PROOF_WINDOW_SECONDS + 1) * SECOND_MS,
    };
  } catch {
    return undefined;
  }
}

type ProofKey = {
  readonly key: KeyObject;
  readonly thumbprint: string;
};

/** A client proves every call by the same key: to read one costs as much as to check a signature by it. */
const knownKeys = createRecent<ProofKey>(MOST_KEYS);

async function readKey(jwk: JWK): Promise<ProofKey> {
  const text = JSON.stringify(jwk);
  const known = knownKeys.find(text);
  if (known) return known;
  const read = { key: readVerifyingKey(jwk), thumbprint: await calculateJwkThumbprint(jwk) };
  knownKeys.keep(text, read);
  return read;
}

function decodePart(part: string): PlainRecord | undefined {
  const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  return isPlainRecord(value) ? value : undefined;
}

function readPublicKey(header: PlainRecord | undefined): JWK | undefined {
  if (header?.typ !== 'dpop+jwt' || 'crit' in header || !isPlainRecord(header.jwk)) return undefined;
  const curve = CURVES[String(header.alg)];
  if (!curve || header.jwk.crv !== curve) return undefined;
  if (!Object.keys(header.jwk).every((name) => PUBLIC_MEMBERS.has(name))) return undefined;
  return header.jwk as JWK;
}

function meetsDemand(claims: PlainRecord, demand: ProofDemand): boolean {
  const { jti, iat, htm, htu, ath } = claims;
  return (
    typeof jti === 'string' &&
    jti.length > 0 &&
    jti.length <= LONGEST_PROOF_ID_CHARACTERS &&
    Number.isSafeInteger(iat) &&
    Math.abs(demand.now - Number(iat) * SECOND_MS) <= PROOF_WINDOW_SECONDS * SECOND_MS &&
    htm === demand.method &&
    typeof htu === 'string' &&
    isSameUrl(htu, demand.url) &&
    (demand.accessToken === undefined || ath === hashToken(demand.accessToken))
  );
}

/** Two texts that are no addresses are not the same one. */
function isSameUrl(left: string, right: string): boolean {
  const url = normaliseUrl(left);
  return url !== undefined && url === normaliseUrl(right);
}

/** Scheme and host in lower case, no default port, no query, no fragment (RFC 9449 §4.3). */
function normaliseUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url) return undefined;
  url.search = '';
  url.hash = '';
  return url.href;
}

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
