import { generateKeyPairSync, randomInt } from 'node:crypto';
import { Secret } from '../../core/secret.ts';
import {
  encodePublicKey,
  encodeString,
  encodeUint32,
  formatBase64,
  joinBytes,
  SSH_KEY_KIND,
} from '../../core/ssh-wire.ts';

const BEGIN = '-----BEGIN OPENSSH PRIVATE KEY-----';
const END = '-----END OPENSSH PRIVATE KEY-----';
const MAGIC = new TextEncoder().encode('openssh-key-v1\0');
const COLUMNS = 70;
const BLOCK_BYTES = 8;
const LARGEST_CHECK = 2 ** 32;

/** What comes before the public half: no cipher, no key derivation, one key. */
const HEAD = joinBytes(MAGIC, encodeString('none'), encodeString('none'), encodeString(''), encodeUint32(1));

/** A new Ed25519 key in the form that ssh reads (PROTOCOL.key), without a passphrase: nobody is there to type it. */
export function makePrivateKey(comment: string): Secret {
  const { d, x } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const [seed, key] = [Buffer.from(String(d), 'base64url'), Buffer.from(String(x), 'base64url')];
  const check = encodeUint32(randomInt(LARGEST_CHECK));
  const section = joinBytes(
    check,
    check,
    encodeString(SSH_KEY_KIND),
    encodeString(key),
    encodeString(joinBytes(seed, key)),
    encodeString(comment),
  );
  const file = joinBytes(HEAD, encodeString(encodePublicKey(key)), encodeString(pad(section)));
  const lines = formatBase64(file).match(new RegExp(`.{1,${COLUMNS}}`, 'g')) ?? [];
  return new Secret([BEGIN, ...lines, END, ''].join('\n'));
}

/** The public half of what `makePrivateKey` made, `ssh-ed25519 AAAA…`; undefined for anything else. */
export function readPublicHalf(file: Secret): string | undefined {
  const [begin, ...lines] = file.reveal().trimEnd().split('\n');
  if (begin !== BEGIN || lines.pop() !== END) return undefined;
  const bytes = Buffer.from(lines.join(''), 'base64');
  if (!bytes.subarray(0, HEAD.length).equals(HEAD)) return undefined;
  const start = HEAD.length + 4;
  const blob = bytes.subarray(start, start + encodePublicKey(new Uint8Array(32)).length);
  const kind = encodeString(SSH_KEY_KIND);
  return blob.subarray(0, kind.length).equals(kind) ? `${SSH_KEY_KIND} ${formatBase64(blob)}` : undefined;
}

/** 1, 2, 3 … up to a whole number of blocks. */
function pad(section: Uint8Array): Uint8Array {
  const missing = (BLOCK_BYTES - (section.length % BLOCK_BYTES)) % BLOCK_BYTES;
  return joinBytes(
    section,
    Uint8Array.from({ length: missing }, (_, index) => index + 1),
  );
}
