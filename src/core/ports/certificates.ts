import type { Scope } from '../scope.ts';
import type { Instant } from '../time.ts';

export type CertificateOrder = {
  readonly grantId: string;
  /** Who holds the grant: for whoever reads the target's log. */
  readonly holder: string;
  readonly scopes: readonly Scope[];
  /** `ssh-ed25519 AAAA…`, without a comment. */
  readonly publicKey: string;
  /** Where the holder was seen to ask from. */
  readonly address: string;
  /** When it was asked for: what is signed is good for `lifetimeMs` from here at most. */
  readonly at: Instant;
  /** The grant's end. */
  readonly expiresAt: Instant;
};

export type SignedCertificate = {
  readonly certificate: string;
  readonly keyId: string;
  /** Decimal: it has 64 bits. */
  readonly serial: string;
  readonly principals: readonly string[];
  readonly validAfterAt: Instant;
  readonly validBeforeAt: Instant;
};

/**
 * Of a connector whose target takes certificates, one for each connection. What was signed cannot be taken back: it
 * MUST end by itself, `lifetimeMs` after it was asked for and never after its grant.
 */
export interface CertificateAuthority {
  /** Where its holder connects to. */
  readonly address: { readonly host: string; readonly port: number };
  readonly lifetimeMs: number;
  /** What was signed before `until` may be good for this long: other settings may have held then. */
  readonly earlier?: { readonly until: Instant; readonly lifetimeMs: number };
  /** The public half, in a line as the target's configuration wants it. */
  readAuthority(): Promise<string>;
  sign(order: CertificateOrder): Promise<SignedCertificate>;
}
