import type { Secret } from '../secret.ts';

/**
 * Asks for the passphrase of an encrypted store; a new store's is chosen now, so it should be asked for twice.
 * `refused` is an answer of before, which was wrong: undefined where there is nobody to give another.
 */
export type AskPassphrase = (about: {
  readonly isNew: boolean;
  readonly refused?: Secret;
}) => Promise<Secret | undefined>;

/** One item: `service` is `jit <server host>`, `account` says in words what it holds. */
export type KeychainItem = {
  readonly service: string;
  readonly account: string;
};

export type KeychainEntry = KeychainItem & {
  readonly secret: Secret;
  /** After this the item is worthless and may be deleted by anyone who can; null for a session. */
  readonly expiresAt: number | null;
};

/**
 * Where secrets rest. Every method MUST settle within 3 s and MUST tell the cases apart:
 * `keychain_missing` (no store), `keychain_locked`, `keychain_hanging`, `keychain_unreadable` (an item that
 * is there but cannot be read: not the same as undefined). Nothing is ever written in the clear.
 */
export interface Keychain {
  /** `os` or `file`, for `jit doctor`. */
  readonly kind: 'os' | 'file' | 'memory';
  /** Write, read, delete a throw-away item: run before a login begins (S14). */
  probe(): Promise<void>;
  /** MUST be readable by another process once it resolves. Replaces what was there. */
  set(entry: KeychainEntry): Promise<void>;
  /** Undefined only when there is no such item. */
  get(item: KeychainItem): Promise<Secret | undefined>;
  /** True when something was removed. MUST NOT fail when there is nothing. */
  remove(item: KeychainItem): Promise<boolean>;
  /** Removes what expired at or before `now`, as far as it can without a passphrase. Returns how many. */
  removeExpired(now: number): Promise<number>;
}
