import type { Credential } from '../credential.ts';
import type { Scope } from '../scope.ts';
import type { Instant } from '../time.ts';
import type { CertificateAuthority } from './certificates.ts';

/** The names a grant has at its target: made before anything is (S4), opaque to everyone but the connector. */
export type Handle = string;

export type IssueOrder = {
  readonly handle: Handle;
  readonly scopes: readonly Scope[];
  readonly expiresAt: Instant;
  readonly deadlineAt: Instant;
  /** Grows with every claim that takes the grant over from another. */
  readonly grantVersion?: number;
};

/** Proof of removal: the connector looked, and it is not there. */
export type Removal = { readonly sessionsEnded: number };

export type LiveCredential = { readonly handle: Handle; readonly sessions: number };

/** A lasting password that is replaced. Both may be called more than once, by several replicas. */
export type Replacement = {
  readonly account: string;
  /** Is it to be done? Asked again when it is noted that somebody does it. */
  readonly isDue: () => Promise<boolean>;
  /** True: the password is another one now. */
  readonly replace: () => Promise<boolean>;
};

export type UpkeepOrder = {
  readonly deadlineAt: Instant;
  /** Accounts of which somebody began to replace the password, and died before it was on record. It MUST be replaced anew. */
  readonly begun: readonly string[];
  /** Replaces the password, on record before and after; true where it was this one that did. */
  readonly record: (replacement: Replacement) => Promise<boolean>;
};

/** What was replaced and is on record, by account, and what could not be: the next time tries again. */
export type Upkeep = { readonly rotated: readonly string[]; readonly failures: readonly unknown[] };

/**
 * Makes and removes credentials at one target. `issue`, `extend` and `remove` MUST be idempotent: any of them
 * may have happened already, wholly or in part, by this process or one that was killed. Each MUST give up at
 * `deadlineAt` with `target_failed`.
 */
export interface Connector {
  readonly kind: string;
  /** Nothing is ever made at the target: that `list` says nothing of a grant does not mean that it is missing. */
  readonly keepsNothing?: true;
  /** Where the target takes certificates, one for each connection, in place of a login made for the grant. */
  readonly certificates?: CertificateAuthority;
  /** Pure: the names for a grant, derived from the installation and the grant id. */
  plan(grantId: string): Handle;
  /**
   * Makes it, or sets a new password on what is there already. At most one credential per handle (I2). Where the target can
   * keep the version, it SHOULD refuse an older one than it has seen: that claim was overtaken, and its answer is nobody's.
   */
  issue(order: IssueOrder): Promise<Credential>;
  /** Uses the new credential once, as its holder would: approved and then refused must not happen. */
  probe(credential: Credential, deadlineAt: Instant): Promise<void>;
  extend(order: IssueOrder): Promise<void>;
  /**
   * Ends sessions, removes, looks. Already gone is success. MUST NOT resolve while anything is left; certificates apart,
   * of which the server knows until when they are good.
   */
  remove(
    handle: Handle,
    options: { readonly scopes: readonly Scope[]; readonly deadlineAt: Instant },
  ): Promise<Removal>;
  /** What of this installation is live here: nothing else is ever listed. */
  list(deadlineAt: Instant): Promise<readonly LiveCredential[]>;
  /** When it was last seen in use; null when the target cannot tell. */
  activity(handle: Handle, deadlineAt: Instant): Promise<Instant | null>;
  /**
   * Where the connector has passwords that last: replaces those that are due, of accounts that nobody holds and of the
   * administrator. Called every minute, by all replicas: one of them MUST replace, and what is replaced MUST be on record:
   * through `record`, or with the secret (`SecretChange.rotated`). It may be killed at any moment: the next call, by whomever,
   * MUST find its way. MUST give up at `deadlineAt`.
   */
  upkeep?(order: UpkeepOrder): Promise<Upkeep>;
  close(): Promise<void>;
}
