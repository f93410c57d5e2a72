import type { KeyObject } from 'node:crypto';
import { importJWK, type JWK } from 'jose';
import type { TokenAlgorithm } from '../../../core/catalogue.ts';
import type { Instant } from '../../../core/time.ts';
import { type KeptKey, withoutPrivateHalf } from '../../keys/kept-keys.ts';
import { listTrusted, type RingKey } from '../../keys/ring.ts';
import { readSigningKey } from './signatures.ts';

export const SIGNING_ALGORITHM = 'ES256';

export type ImportedKey = Awaited<ReturnType<typeof importJWK>>;

export type Signer = { readonly id: string; readonly key: KeyObject };

/** What jit signs with. One key of an algorithm signs; the others verify: until their tokens are gone, or already (TOK-08). */
export type SigningKeys = {
  readonly currentId: string;
  readonly currentKey: KeyObject;
  /** Another text as soon as another key signs, or is trusted. */
  readonly generation: string;
  /** Undefined where no target asks for it. */
  findSigner(algorithm: TokenAlgorithm): Signer | undefined;
  findPublicKey(keyId: string): ImportedKey | undefined;
  /** The public half, as it is published. */
  readonly publicJwks: { readonly keys: readonly JWK[] };
  /** The private half, for the provider only; the one that signs is the first of its algorithm. */
  revealJwks(): { readonly keys: readonly JWK[] };
};

/** A key that is ready for use. */
export type OpenKey = RingKey & {
  readonly jwk: JWK;
  readonly publicJwk: JWK;
  readonly signs: KeyObject;
  readonly verifies: ImportedKey;
};

export async function openKey({ jwk, ...times }: KeptKey): Promise<OpenKey> {
  const publicJwk = withoutPrivateHalf(jwk);
  const algorithm = readAlgorithm(jwk);
  const verifies = await importJWK(publicJwk, algorithm);
  return { ...times, jwk, publicJwk, signs: readSigningKey(jwk), verifies };
}

/** What the keys of each algorithm are at that moment. */
export function chooseKeys(rings: readonly (readonly OpenKey[])[], now: Instant): SigningKeys {
  const trusted = rings.map((ring) => listTrusted(ring, now));
  const all = trusted.flat();
  const known = new Map(all.map(({ id, verifies }) => [id, verifies]));
  const signers = new Map<string, Signer>();
  for (const [first] of trusted)
    if (first) signers.set(readAlgorithm(first.jwk), { id: first.id, key: first.signs });
  const current = signers.get(SIGNING_ALGORITHM);
  if (!current) throw new TypeError('the stored set of signing keys is empty');
  return {
    currentId: current.id,
    currentKey: current.key,
    generation: all.map(({ id }) => id).join(' '),
    findSigner: (algorithm) => signers.get(algorithm),
    findPublicKey: (keyId) => known.get(keyId),
    publicJwks: { keys: all.map(({ publicJwk }) => publicJwk) },
    revealJwks: () => ({ keys: all.map(({ jwk }) => ({ ...jwk })) }),
  };
}

function readAlgorithm({ kty }: JWK): TokenAlgorithm {
  return kty === 'RSA' ? 'RS256' : SIGNING_ALGORITHM;
}
