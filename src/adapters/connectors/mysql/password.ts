import { createHash, randomBytes } from 'node:crypto';
import { Secret } from '../../../core/secret.ts';

const PASSWORD_BYTES = 32;

/** 256 random bits in base64url: nothing to escape, in a statement or in an option file. */
export function createPassword(): Secret {
  return new Secret(randomBytes(PASSWORD_BYTES).toString('base64url'));
}

/**
 * What `mysql_native_password` keeps: computed here, so that the password itself is never in a statement or a log (S8).
 * It is fast to compute, which is no help against 256 random bits.
 */
export function buildNativeHash(password: Secret): string {
  const once = createHash('sha1').update(password.reveal()).digest();
  return `*${createHash('sha1').update(once).digest('hex').toUpperCase()}`;
}
