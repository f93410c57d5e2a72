import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { Secret } from '../../../core/secret.ts';

const ITERATIONS = 4096;
const KEY_BYTES = 32;
const SALT_BYTES = 16;

const stretch = promisify(pbkdf2);

/** 256 random bits in base64url: nothing to escape, and SASLprep leaves it as it is. */
export function createPassword(): Secret {
  return new Secret(randomBytes(KEY_BYTES).toString('base64url'));
}

/**
 * What PostgreSQL keeps instead of a password (RFC 5803, SCRAM-SHA-256): computed here, so that the
 * password itself never reaches the server or its log (S8). Wants an ASCII password.
 */
export async function buildVerifier(password: Secret, salt = randomBytes(SALT_BYTES)): Promise<string> {
  const salted = await stretch(password.reveal(), salt, ITERATIONS, KEY_BYTES, 'sha256');
  const storedKey = createHash('sha256').update(sign(salted, 'Client Key')).digest('base64');
  const serverKey = sign(salted, 'Server Key').toString('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

function sign(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
