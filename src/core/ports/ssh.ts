import type { Instant } from '../time.ts';

/** A target that one connects to by ssh. `host` may be a pattern of ssh_config's. */
export type SshTarget = { readonly name: string; readonly host: string; readonly port: number };

/** A certificate as its holder gets it: a line for a file. */
export type MadeCertificate = { readonly line: string; readonly validBeforeAt: Instant };

/** What a jit server offers to whoever connects by ssh. Throws as `ApprovalBackend` does. */
export interface CertificateDesk {
  listTargets(): Promise<readonly SshTarget[]>;
  /** `no_grant` once the grant has ended. The answer MUST come, or `unreachable`, within a few seconds. */
  sign(grantId: string, publicKey: string): Promise<MadeCertificate>;
}

export type CertificatePlace = { readonly server: string; readonly target: string };

/**
 * This machine's key for ssh, and the certificates for it, where ssh finds them. The private half is made here, for its
 * owner alone, and MUST NOT leave the folder.
 */
export interface SshFolder {
  readonly keyPath: string;
  /** MUST be refused (`failed`), here and below, where `target` is no name of a target: it comes from a server. */
  certificatePath(place: CertificatePlace): string;
  /** Makes the key where there is none; callers at the same moment get the same one. `ssh-ed25519 AAAA…`, no comment. */
  readPublicKey(): Promise<string>;
  /** Until when the certificate that lies there is good; null where none does. */
  findEnd(place: CertificatePlace): Promise<Instant | null>;
  /** Replaces the file whole: a reader at that moment sees the old one or the new. */
  writeCertificate(place: CertificatePlace, certificate: MadeCertificate): Promise<void>;
}
