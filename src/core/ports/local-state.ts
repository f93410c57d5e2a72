import type { Instant } from '../time.ts';
import type { GrantView, RequestView, ScopeView } from '../view.ts';

/** What this machine remembers of a grant, without any secret. */
export type HeldGrant = {
  readonly server: string;
  /** The keychain item that holds its token. */
  readonly account: string;
  /** As the server last told it. */
  readonly view: GrantView;
  /** A command asked for it: the last one that uses it on this machine gives it back. */
  readonly isLent?: boolean;
};

/** A request that was open when the server last spoke of it. */
export type HeldRequest = {
  readonly server: string;
  readonly view: RequestView;
};

/** Access as it could be asked for; what nobody said is null, or no scope at all. */
export type Wish = {
  readonly scopes: readonly string[];
  readonly target: string | null;
  readonly durationSeconds: number | null;
};

/** What one server said when it was last asked. */
export type KnownServer = {
  /** As whom the session there is; empty without one. */
  readonly name: string;
  readonly asOf: Instant;
  /** The catalogue, for completion and prompts. */
  readonly scopes: readonly ScopeView[];
  /** Ids of the requests that waited for this person to decide. */
  readonly inbox?: readonly string[];
  /** What was held here, each kind of it once, the latest first: what a helper that finds nothing may mean. */
  readonly lately?: readonly Wish[];
  /** What a helper wanted last and did not find: `jit request --last` asks for it. */
  readonly wish?: Wish;
};

export type LocalState = {
  readonly grants: readonly HeldGrant[];
  readonly requests: readonly HeldRequest[];
  /** By the server's address. */
  readonly servers: Readonly<Record<string, KnownServer>>;
};

export const EMPTY_STATE: LocalState = { grants: [], requests: [], servers: {} };

/**
 * The state folder. Reading MUST NOT fail because of what is in it: a corrupt file reads as empty.
 * `update` MUST be atomic and serialised across processes.
 */
export interface LocalStateStore {
  read(): Promise<LocalState>;
  update(change: (state: LocalState) => LocalState): Promise<LocalState>;
}
