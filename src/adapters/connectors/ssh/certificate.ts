import { randomBytes } from 'node:crypto';
import {
  encodePublicKey,
  encodeString,
  encodeUint32,
  encodeUint64,
  joinBytes,
  SSH_KEY_KIND,
} from '../../../core/ssh-wire.ts';
import { type Instant, SECOND_MS } from '../../../core/time.ts';
import type { SshAuthority } from './authority.ts';

const CERTIFICATE_KIND = 'ssh-ed25519-cert-v01@openssh.com';
const FOR_A_USER = 1;
const NONCE_BYTES = 32;

export type CertificateFields = {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly serial: bigint;
  readonly keyId: string;
  /** Never empty: a certificate without principals is good for every account. */
  readonly principals: readonly [string, ...string[]];
  /** Whole seconds: what is left over is cut off. */
  readonly validAfterAt: Instant;
  readonly validBeforeAt: Instant;
  /** The only address it is good from; null: from everywhere. */
  readonly sourceAddress: string | null;
  /** `permit-pty` and the like: without one of them it is refused. */
  readonly extensions: readonly string[];
};

/** A user certificate in OpenSSH's format (PROTOCOL.certkeys), as the line of an `id_ed25519-cert.pub`. */
export function buildCertificate(fields: CertificateFields, authority: SshAuthority): string {
  const body = joinBytes(
    encodeString(CERTIFICATE_KIND),
    encodeString(randomBytes(NONCE_BYTES)),
    encodeString(fields.publicKey),
    encodeUint64(fields.serial),
    encodeUint32(FOR_A_USER),
    encodeString(fields.keyId),
    encodeString(joinBytes(...fields.principals.map(encodeString))),
    encodeUint64(toSeconds(fields.validAfterAt)),
    encodeUint64(toSeconds(fields.validBeforeAt)),
    encodeString(encodeCriticalOptions(fields.sourceAddress)),
    encodeString(encodeExtensions(fields.extensions)),
    encodeString(''),
    encodeString(encodePublicKey(authority.publicKey)),
  );
  const signature = joinBytes(encodeString(SSH_KEY_KIND), encodeString(authority.sign(body)));
  const bytes = joinBytes(body, encodeString(signature));
  return `${CERTIFICATE_KIND} ${Buffer.from(bytes).toString('base64')}`;
}

function toSeconds(at: Instant): bigint {
  return BigInt(Math.floor(at / SECOND_MS));
}

/** A value is a string in a string: the format wants it so. */
function encodeCriticalOptions(sourceAddress: string | null): Uint8Array {
  if (sourceAddress === null) return new Uint8Array();
  return joinBytes(encodeString('source-address'), encodeString(encodeString(sourceAddress)));
}

/** In the order of their names, each once: a certificate with others is refused. */
function encodeExtensions(names: readonly string[]): Uint8Array {
  const sorted = [...new Set(names)].toSorted();
  return joinBytes(...sorted.flatMap((name) => [encodeString(name), encodeString('')]));
}
