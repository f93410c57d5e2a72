import { hasCode } from '../core/errors.ts';
import type { GrantView } from '../core/view.ts';
import { drop, listHeld, UNUSABLE } from './held.ts';
import { buildAccount, type ClientParts } from './parts.ts';

/** What became of one grant that was given back, part by part. */
export type GivenBack = {
  readonly grant: GrantView;
  /** A copy was in this machine's keychain and is not any more. */
  readonly isKeychainCleared: boolean;
};

export type GiveBackOrder = { readonly grantIds: readonly string[]; readonly because: 'done' | 'revoked' };

/** Grants to give back when none is named: those the server says are mine and live, wherever they were claimed. */
export async function listMine(parts: ClientParts): Promise<readonly GrantView[]> {
  const { grants } = await parts.backend.readStatus();
  return grants;
}

/**
 * Gives grants back, all at once. The copy here goes once the server has taken the grant: its token is dead then.
 * When the server was not reached everything stays, so that the same command can be typed again.
 */
export async function giveBack(parts: ClientParts, order: GiveBackOrder): Promise<readonly GivenBack[]> {
  const settled = await Promise.allSettled(order.grantIds.map((id) => giveBackOne(parts, id, order.because)));
  const failed = settled.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

async function giveBackOne(parts: ClientParts, id: string, because: 'done' | 'revoked'): Promise<GivenBack> {
  const grant = await parts.backend.revoke(id, because);
  const known = (await listHeld(parts)).find((held) => held.view.id === id);
  const copy = { id, server: parts.server, account: known?.account ?? buildAccount(grant) };
  const isKeychainCleared = await drop(parts, copy).catch((error: unknown) => {
    if (hasCode(error, ...UNUSABLE)) return false;
    throw error;
  });
  return { grant, isKeychainCleared };
}
