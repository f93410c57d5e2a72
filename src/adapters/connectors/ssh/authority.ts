import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { Secret } from '../../../core/secret.ts';

/** The key that signs a target's certificates. The private half never leaves it. */
export type SshAuthority = {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** An Ed25519 signature (RFC 8032): 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array;
};

/** A new Ed25519 key as text (PKCS #8), to be kept sealed. */
export function makeAuthorityKey(): Secret {
  const { privateKey } = generateKeyPairSync('ed25519');
  return new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
}

export function readAuthorityKey(text: Secret): SshAuthority {
  const key = createPrivateKey(text.reveal());
  return { publicKey: readRawPublicKey(key), sign: (bytes) => sign(null, bytes, key) };
}

function readRawPublicKey(key: KeyObject): Uint8Array {
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return Buffer.from(String(x), 'base64url');
}
