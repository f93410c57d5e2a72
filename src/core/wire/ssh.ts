import * as v from 'valibot';
import type { CertificateAuthority, SignedCertificate } from '../ports/certificates.ts';
import type { MadeCertificate, SshTarget } from '../ports/ssh.ts';
import { formatInstant } from '../time.ts';
import { instant, targetName, text } from './fields.ts';

/** The line of an Ed25519 public key without its comment: its 51 bytes are always written as the same 68 letters. */
const publicKey = v.pipe(
  v.string(),
  v.regex(
    /^ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI[A-P][A-Za-z0-9+/]{42}$/,
    'is not an ssh-ed25519 public key without a comment',
  ),
);

/** Whose key is to be signed. What it will be good for, and for how long, is never taken from a client (S2). */
export const certificateMessage = v.strictObject({ public_key: publicKey });

/** One line of base64 with its kind in front: it is written to a file that ssh reads. */
const certificate = v.pipe(
  v.string(),
  v.regex(/^ssh-ed25519-cert-v01@openssh\.com [A-Za-z0-9+/=]{1,16384}$/, 'is not a certificate'),
);

export const certificateAnswer = v.pipe(
  v.object({
    certificate,
    key_id: text,
    serial: v.pipe(v.string(), v.regex(/^\d{1,20}$/)),
    principals: v.array(text),
    valid_after: instant,
    valid_before: instant,
  }),
  v.transform((wire): MadeCertificate => ({ line: wire.certificate, validBeforeAt: wire.valid_before })),
);

/** As in ssh_config: it becomes a line of one. A pattern for every host there is would be no target. */
const host = v.pipe(v.string(), v.regex(/^(?=.*[A-Za-z0-9])[A-Za-z0-9*?][A-Za-z0-9.:*?_-]{0,252}$/));

export const sshTargetsMessage = v.pipe(
  v.object({
    targets: v.array(
      v.object({
        name: targetName,
        host,
        port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
      }),
    ),
  }),
  v.transform((wire): readonly SshTarget[] => wire.targets),
);

export function encodeCertificate(signed: SignedCertificate): v.InferInput<typeof certificateAnswer> {
  return {
    certificate: signed.certificate,
    key_id: signed.keyId,
    serial: signed.serial,
    principals: [...signed.principals],
    valid_after: formatInstant(signed.validAfterAt),
    valid_before: formatInstant(signed.validBeforeAt),
  };
}

export function encodeSshTarget(
  name: string,
  { address }: Pick<CertificateAuthority, 'address'>,
): { readonly name: string; readonly host: string; readonly port: number } {
  return { name, ...address };
}
