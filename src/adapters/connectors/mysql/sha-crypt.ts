import { createHash, randomInt } from 'node:crypto';
import type { Secret } from '../../../core/secret.ts';

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ROUNDS = 5000;
const SALT_CHARACTERS = 20;
const DIGEST_BYTES = 32;

/**
 * What `caching_sha2_password` keeps: five thousand rounds of SHA-256 crypt, computed here so that the password itself
 * is never in a statement or a log (S8). Wants an ASCII password.
 */
export function buildCachingSha2Hash(password: Secret, salt = createSalt()): string {
  return `$A$005$${salt}${digestSha256Crypt(password.reveal(), salt)}`;
}

function createSalt(): string {
  return Array.from({ length: SALT_CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

/** "Unix crypt using SHA-256 and SHA-512", by Ulrich Drepper, with 5,000 rounds; the 43 characters after the salt. */
export function digestSha256Crypt(password: string, salt: string): string {
  const key = Buffer.from(password);
  const keySequence = repeat(sha256(...Array.from(key, () => key)), key.length);
  const first = digestOnce(key, Buffer.from(salt));
  const saltSequence = repeat(
    sha256(...Array.from({ length: 16 + (first[0] ?? 0) }, () => Buffer.from(salt))),
    salt.length,
  );
  let digest = first;
  for (let round = 0; round < ROUNDS; round += 1) {
    const isOdd = round % 2 === 1;
    digest = sha256(
      isOdd ? keySequence : digest,
      ...(round % 3 === 0 ? [] : [saltSequence]),
      ...(round % 7 === 0 ? [] : [keySequence]),
      isOdd ? digest : keySequence,
    );
  }
  return encode(digest);
}

function digestOnce(key: Buffer, salt: Buffer): Buffer {
  const other = sha256(key, salt, key);
  const parts = [key, salt, repeat(other, key.length)];
  for (let rest = key.length; rest > 0; rest >>= 1) parts.push(rest % 2 === 1 ? other : key);
  return sha256(...parts);
}

function sha256(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function repeat(bytes: Buffer, length: number): Buffer {
  return Buffer.alloc(length, bytes);
}

/** Groups of three bytes, taken from all over the digest, as four characters each, the lowest bits first. */
function encode(digest: Buffer): string {
  let text = '';
  for (let group = 0; group < 10; group += 1) {
    const bytes = [group, group + 10, group + 20].map((index) => digest[index % 30] ?? 0);
    const turned = [0, 1, 2].map((index) => bytes[(index + 2 * group) % 3] ?? 0);
    text += encodeBits(((turned[0] ?? 0) << 16) | ((turned[1] ?? 0) << 8) | (turned[2] ?? 0), 4);
  }
  return text + encodeBits(((digest[DIGEST_BYTES - 1] ?? 0) << 8) | (digest[DIGEST_BYTES - 2] ?? 0), 3);
}

function encodeBits(bits: number, characters: number): string {
  return Array.from({ length: characters }, (_, index) => ALPHABET[(bits >> (6 * index)) & 63]).join('');
}
