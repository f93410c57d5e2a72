import type { ApprovalBackend } from '../core/ports/backend.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Keychain, KeychainItem } from '../core/ports/keychain.ts';
import type { HeldGrant, LocalStateStore } from '../core/ports/local-state.ts';
import type { Lock } from '../core/ports/lock.ts';
import type { Processes } from '../core/ports/processes.ts';
import type { GrantView } from '../core/view.ts';

/** All that the engineer's steps are built from, for one server. */
export type ClientParts = {
  /** The server's address: an origin. */
  readonly server: string;
  readonly backend: ApprovalBackend;
  readonly keychain: Keychain;
  readonly state: LocalStateStore;
  readonly lock: Lock;
  readonly clock: Clock;
  readonly processes: Processes;
  /** How far the server's clock is ahead of this machine's, as its last answer told; 0 before there was one. */
  readonly skewMs: () => number;
  /** Each answer is of a grant of its own, and may take as long as a person does: none waits for another. */
  readonly asksApart?: boolean;
  /** The backend writes down that a grant was used. Elsewhere it is told only of those that would end unused. */
  readonly recordsUse?: boolean;
};

/** The keychain's name for everything of one server. */
export function buildService(server: string): string {
  return `jit ${new URL(server).host}`;
}

/** Says in words what the item holds, for whoever looks into the keychain. */
export function buildAccount(grant: Pick<GrantView, 'id' | 'scopes' | 'target'>): string {
  return `${grant.scopes.join(' ')} on ${grant.target} (${grant.id})`;
}

export function buildItem(grant: Pick<HeldGrant, 'server' | 'account'>): KeychainItem {
  return { service: buildService(grant.server), account: grant.account };
}
