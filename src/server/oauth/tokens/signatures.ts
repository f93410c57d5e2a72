import {
  createPrivateKey,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';

/** Elliptic curves in the form of a JWS (RFC 7518 §3.4); what else there is has one form only. */
const ENCODING = { dsaEncoding: 'ieee-p1363' } as const;
const signAside = promisify<string, Buffer, KeyObject, Buffer>(sign);

/** A public half that came in a message: throws for what is no key. */
export function readVerifyingKey(jwk: Readonly<Record<string, unknown>>): KeyObject {
  return createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
}

export function readSigningKey(jwk: Readonly<Record<string, unknown>>): KeyObject {
  return createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' });
}

/** Is the last part of these three the signature of the others by that key (P-256 or Ed25519)? */
export function isSignedBy(compact: string, key: KeyObject): boolean {
  const end = compact.lastIndexOf('.');
  const signed = Buffer.from(compact.slice(0, end));
  const signature = Buffer.from(compact.slice(end + 1), 'base64url');
  return verify(findDigest(key), signed, { key, ...ENCODING }, signature);
}

/** The compact form (RFC 7515 §7.1) of what is said, with the signature of a P-256 or RSA key. */
export async function signCompact(
  { header, claims }: { readonly header: object; readonly claims: object },
  key: KeyObject,
): Promise<string> {
  const text = `${encode(header)}.${encode(claims)}`;
  const signature =
    key.asymmetricKeyType === 'rsa'
      ? await signAside('sha256', Buffer.from(text), key)
      : sign(findDigest(key), Buffer.from(text), { key, ...ENCODING });
  return `${text}.${signature.toString('base64url')}`;
}

function findDigest({ asymmetricKeyType }: KeyObject): 'sha256' | null {
  return asymmetricKeyType === 'ed25519' ? null : 'sha256';
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
