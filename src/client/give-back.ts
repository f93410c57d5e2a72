import { hasCode, JitError } from '../core/errors.ts';
import type { GrantView } from '../core/view.ts';
import { drop, isOf } from './held.ts';
import { buildAccount, type ClientParts } from './parts.ts';

/** What became of one grant that was given back, part by part. */
export type GivenBack = {
  readonly grant: GrantView;
  /** A copy was in this machine's keychain and is not any more. */
  readonly isKeychainCleared: boolean;
  /** Why it may still be there: worthless, and removed by a later call. */
  readonly obstacle: JitError | undefined;
};

export type GiveBackOrder = { readonly grantIds: readonly string[]; readonly because: 'done' | 'revoked' };

export type GiveBackResult = {
  readonly given: readonly GivenBack[];
  /** What stood in the way of the others, as it was thrown. */
  readonly failures: readonly unknown[];
};

/** Grants to give back when none is named: those the server says are mine and live, wherever they were claimed. */
export async function listMine(parts: ClientParts): Promise<readonly GrantView[]> {
  const { grants } = await parts.backend.readStatus();
  return grants;
}

/**
 * Gives grants back, all at once. The copy here goes once the server has taken the grant: its token is dead then.
 * When the server was not reached everything stays, so that the same command can be typed again. One that fails keeps
 * no other from being given back. `login_needed` and `session_expired` are thrown: they fail all of them.
 */
export async function giveBack(parts: ClientParts, order: GiveBackOrder): Promise<GiveBackResult> {
  const settled = await Promise.allSettled(
    order.grantIds.map((id) => giveBackOne(parts, { id, because: order.because })),
  );
  const failures = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  const loggedOut = failures.find((error) => hasCode(error, 'login_needed', 'session_expired'));
  if (loggedOut) throw loggedOut;
  return {
    given: settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
    failures,
  };
}

type Giving = { readonly id: string; readonly because: GiveBackOrder['because'] };

async function giveBackOne(parts: ClientParts, { id, because }: Giving): Promise<GivenBack> {
  const grant = await parts.backend.revoke(id, because);
  const { grants } = await parts.state.read();
  const known = grants.find((held) => isOf(held, { server: parts.server, id }));
  const copy = { id, server: parts.server, account: known?.account ?? buildAccount(grant) };
  try {
    return { grant, isKeychainCleared: await drop(parts, copy), obstacle: undefined };
  } catch (error) {
    if (error instanceof JitError) return { grant, isKeychainCleared: false, obstacle: error };
    throw error;
  }
}
