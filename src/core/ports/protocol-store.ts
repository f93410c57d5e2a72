import type { Instant } from '../time.ts';

/** One thing that the OAuth provider keeps: a code, a token, a session. `kind` is the provider's model name. */
export type ProtocolEntry = {
  readonly kind: string;
  readonly id: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly expiresAt: Instant | null;
  readonly grantId?: string | undefined;
  readonly userCode?: string | undefined;
  readonly uid?: string | undefined;
};

export type OnceEntry = Pick<ProtocolEntry, 'kind' | 'id' | 'expiresAt'> & {
  /** What the first one says, for those who come after; nothing where it is absent. */
  readonly payload?: ProtocolEntry['payload'];
  /** It matters for a minute: the answer need not wait for the disk. It MUST outlive the server; it may be lost with the machine. */
  readonly isBrief?: true;
};

export type FoundEntry = {
  readonly payload: Readonly<Record<string, unknown>>;
  readonly consumedAt: Instant | null;
  readonly expiresAt: Instant | null;
};

/**
 * What the OAuth provider keeps. Ids and user codes are bearer secrets: they MUST be stored hashed (DEV-11),
 * and no payload may contain them.
 */
export interface ProtocolStore {
  put(entry: ProtocolEntry): Promise<void>;
  /** Puts an entry in place of the one that is there. MUST be false, and bring nothing back, when it was removed meanwhile. */
  replace(entry: ProtocolEntry): Promise<boolean>;
  /** MUST be false, and change nothing, when the id is there already (TOK-03: replay). */
  insertOnce(entry: OnceEntry): Promise<boolean>;
  find(kind: string, id: string): Promise<FoundEntry | undefined>;
  findByUserCode(kind: string, userCode: string): Promise<FoundEntry | undefined>;
  findByUid(kind: string, uid: string): Promise<FoundEntry | undefined>;
  /** Compare-and-set: true for exactly one caller, ever. */
  consume(kind: string, id: string, at: Instant): Promise<boolean>;
  /**
   * One poll per interval (RFC 8628 §3.5): `turn` for exactly one of any number of parallel callers, after which the
   * next turn is `intervalMs` later; `too_soon` for the others, `unknown` where there is no such entry.
   */
  takeTurn(turn: {
    readonly kind: string;
    readonly id: string;
    readonly now: Instant;
    readonly intervalMs: number;
  }): Promise<'turn' | 'too_soon' | 'unknown'>;
  remove(kind: string, id: string): Promise<void>;
  /** Everything that belongs to one of the provider's grants (its word for a consent). */
  removeByGrant(grantId: string): Promise<void>;
  /**
   * Every entry of any kind whose payload names this account as its own (`accountId`), or as the one that logs in
   * through it (`result.login`, `session` of an interaction): when a person leaves. Returns the kind of each.
   */
  removeByAccount(accountId: string): Promise<readonly string[]>;
  /** All of them, however many; MUST NOT be one statement, for which there may be too many. */
  removeExpired(now: Instant): Promise<number>;
}
