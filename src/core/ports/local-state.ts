import type { Instant } from '../time.ts';
import type { ScopeView } from '../view.ts';

/** What this machine remembers of a grant, without any secret: what is held, where, until when. */
export type HeldGrant = {
  readonly id: string;
  readonly requestId: string;
  readonly server: string;
  readonly scopes: readonly string[];
  readonly target: string;
  readonly expiresAt: Instant;
  /** The keychain item that holds its token. */
  readonly account: string;
};

export type HeldRequest = {
  readonly id: string;
  readonly server: string;
  readonly scopes: readonly string[];
  readonly target: string;
  readonly state: 'pending' | 'approved';
  readonly idempotencyKey: string;
  readonly createdAt: Instant;
};

export type LocalState = {
  readonly grants: readonly HeldGrant[];
  readonly requests: readonly HeldRequest[];
  /** The catalogue as last seen, for completion and prompts; per server. */
  readonly catalogues: Readonly<Record<string, readonly ScopeView[]>>;
  /** Server addresses with a session in the keychain, and as whom. */
  readonly sessions: Readonly<Record<string, { readonly name: string }>>;
};

/**
 * The state folder. Reading MUST NOT fail because of what is in it: a corrupt file reads as empty.
 * `update` MUST be atomic and serialised across processes.
 */
export interface LocalStateStore {
  read(): Promise<LocalState>;
  update(change: (state: LocalState) => LocalState): Promise<LocalState>;
}
