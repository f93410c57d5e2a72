import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, importJWK, type JWK } from 'jose';
import type { TokenAlgorithm } from '../../core/catalogue.ts';
import type { Secret } from '../../core/secret.ts';
import { sealText, unsealText } from './sealed-text.ts';

/** Where the sealed keys are kept: `Store.readSetting`. */
const SETTING = 'signing keys';
/** Apart, because most servers never need one. */
const RSA_SETTING = 'signing keys RS256';
const RSA_BITS = 2048;
export const SIGNING_ALGORITHM = 'ES256';

export type ImportedKey = Awaited<ReturnType<typeof importJWK>>;

export type Signer = { readonly id: string; readonly key: ImportedKey };

/** What jit signs with. The first key signs; the others verify until their tokens are gone (TOK-08). */
export type SigningKeys = {
  readonly currentId: string;
  readonly currentKey: ImportedKey;
  /** Undefined where no target asks for it. */
  findSigner(algorithm: TokenAlgorithm): Signer | undefined;
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

/** A new key; its id is its thumbprint (RFC 7638). */
export async function makeSigningKey(algorithm: TokenAlgorithm = SIGNING_ALGORITHM): Promise<JWK> {
  const { privateKey } =
    algorithm === 'RS256'
      ? await promisify(generateKeyPair)('rsa', { modulusLength: RSA_BITS })
      : await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  const jwk = privateKey.export({ format: 'jwk' }) as JWK;
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: algorithm, use: 'sig' };
}

export type KeysOptions = {
  readonly secret: Secret;
  readonly readSetting: (name: string, make: () => Promise<string>) => Promise<string>;
  /** What the targets ask for. There is always a key for ES256. */
  readonly algorithms?: readonly TokenAlgorithm[];
};

/**
 * Reads the signing keys, which the first start of the first replica makes. They rest encrypted under `secret`;
 * a wrong one is `config_invalid`.
 */
export async function openSigningKeys(options: KeysOptions): Promise<SigningKeys> {
  const own = await readKeys(options, SETTING);
  const rsa = options.algorithms?.includes('RS256') ? await readKeys(options, RSA_SETTING) : [];
  return buildSigningKeys([...own, ...rsa]);
}

async function readKeys({ secret, readSetting }: KeysOptions, setting: string): Promise<readonly JWK[]> {
  const algorithm = setting === RSA_SETTING ? 'RS256' : SIGNING_ALGORITHM;
  const sealed = await readSetting(setting, async () =>
    sealText(secret, setting, JSON.stringify([await makeSigningKey(algorithm)])),
  );
  return JSON.parse(unsealText(secret, setting, sealed)) as readonly JWK[];
}

async function buildSigningKeys(jwks: readonly JWK[]): Promise<SigningKeys> {
  const publicJwks = jwks.map(withoutPrivateHalf);
  const publicKeys = new Map<string, ImportedKey>();
  for (const jwk of publicJwks) publicKeys.set(jwk.kid ?? '', await importJWK(jwk, readAlgorithm(jwk)));
  const signers = new Map<string, Signer>();
  for (const algorithm of [SIGNING_ALGORITHM, 'RS256'] as const) {
    const jwk = jwks.find((candidate) => readAlgorithm(candidate) === algorithm);
    if (jwk?.kid) signers.set(algorithm, { id: jwk.kid, key: await importJWK(jwk, algorithm) });
  }
  const current = signers.get(SIGNING_ALGORITHM);
  if (!current) throw new TypeError('the stored set of signing keys is empty');
  return {
    currentId: current.id,
    currentKey: current.key,
    findSigner: (algorithm) => signers.get(algorithm),
    findPublicKey: (keyId) => publicKeys.get(keyId),
    publicJwks: { keys: publicJwks },
    revealJwks: () => ({ keys: jwks.map((jwk) => ({ ...jwk })) }),
  };
}

function readAlgorithm({ kty }: JWK): TokenAlgorithm {
  return kty === 'RSA' ? 'RS256' : SIGNING_ALGORITHM;
}

/** What everybody may know of a key, member by member: an RSA key has more private ones than `d` (RFC 7518 §6.3.2). */
function withoutPrivateHalf({ kty, crv, x, y, n, e, kid, alg, use }: JWK): JWK {
  const key: Record<string, string | undefined> = { kty, crv, x, y, n, e, kid, alg, use };
  return Object.fromEntries(Object.entries(key).filter(([, member]) => member !== undefined)) as JWK;
}
