import {
  createCipheriv,
  createDecipheriv,
  createHash,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { fail } from '../../../core/errors.ts';
import type { Secret } from '../../../core/secret.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A key of 32 bytes for one purpose: what one purpose leaks is of no use for another (RFC 5869). */
export function deriveKey(secret: Secret, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret.reveal(), 'jit', purpose, 32));
}

/** AES-256-GCM. `purpose` names what the text is, and is authenticated: it cannot be moved to another place. */
export function sealText(secret: Secret, purpose: string, text: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', deriveKey(secret, purpose), nonce);
  cipher.setAAD(Buffer.from(purpose));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64url');
}

/** Reads what `sealText` wrote. Another secret, or a changed text, throws `config_invalid`. */
export function unsealText(secret: Secret, purpose: string, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  try {
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', deriveKey(secret, purpose), nonce, {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(purpose));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch (cause) {
    const why = `does not open the ${purpose} in the store; they were made under another secret`;
    throw fail('config_invalid', { at: 'secret', why }, cause);
  }
}

/** Compares in a time that says nothing about either text, its length included. */
export function isSameText(left: string, right: string): boolean {
  return timingSafeEqual(sha256(left), sha256(right));
}

/** Makes the same comparison with one text, which is read once. */
export function createTextCheck(expected: string): (text: string) => boolean {
  const hash = sha256(expected);
  return (text) => timingSafeEqual(sha256(text), hash);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
