import { generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint, importJWK, type JWK } from 'jose';
import type { Secret } from '../../core/secret.ts';
import { sealText, unsealText } from './sealed-text.ts';

/** Where the sealed keys are kept: `Store.readSetting`. */
const SETTING = 'signing keys';
export const SIGNING_ALGORITHM = 'ES256';

type ImportedKey = Awaited<ReturnType<typeof importJWK>>;

/** What jit signs with. The first key signs; the others verify until their tokens are gone (TOK-08). */
export type SigningKeys = {
  readonly currentId: string;
  readonly currentKey: ImportedKey;
  findPublicKey(keyId: string): ImportedKey | undefined;
  /** The public half, as it is published. */
  readonly publicJwks: { readonly keys: readonly JWK[] };
  /** The private half, for the provider only. */
  revealJwks(): { readonly keys: readonly JWK[] };
};

/** Makes the text that is kept under the setting; exported so that a rotation can add a key in front. */
export async function sealSigningKeys(secret: Secret, keys: readonly JWK[]): Promise<string> {
  return sealText(secret, SETTING, JSON.stringify(keys));
}

/** A new ES256 key; its id is its thumbprint (RFC 7638). */
export async function makeSigningKey(): Promise<JWK> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = privateKey.export({ format: 'jwk' }) as JWK;
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: SIGNING_ALGORITHM, use: 'sig' };
}

/**
 * Reads the signing keys, which the first start of the first replica makes. They rest encrypted under `secret`;
 * a wrong one is `config_invalid`.
 */
export async function openSigningKeys(options: {
  readonly secret: Secret;
  readonly readSetting: (name: string, make: () => Promise<string>) => Promise<string>;
}): Promise<SigningKeys> {
  const { secret, readSetting } = options;
  const sealed = await readSetting(SETTING, async () => sealSigningKeys(secret, [await makeSigningKey()]));
  return buildSigningKeys(JSON.parse(unsealText(secret, SETTING, sealed)) as readonly JWK[]);
}

async function buildSigningKeys(jwks: readonly JWK[]): Promise<SigningKeys> {
  const [current] = jwks;
  if (!current?.kid) throw new TypeError('the stored set of signing keys is empty');
  const publicJwks = jwks.map(withoutPrivateHalf);
  const publicKeys = new Map<string, ImportedKey>();
  for (const jwk of publicJwks) publicKeys.set(jwk.kid ?? '', await importJWK(jwk, SIGNING_ALGORITHM));
  return {
    currentId: current.kid,
    currentKey: await importJWK(current, SIGNING_ALGORITHM),
    findPublicKey: (keyId) => publicKeys.get(keyId),
    publicJwks: { keys: publicJwks },
    revealJwks: () => ({ keys: jwks.map((jwk) => ({ ...jwk })) }),
  };
}

function withoutPrivateHalf({ d: _private, ...jwk }: JWK): JWK {
  return jwk;
}
