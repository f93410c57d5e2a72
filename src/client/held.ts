import { fail, hasCode } from '../core/errors.ts';
import type { HeldGrant, LocalState } from '../core/ports/local-state.ts';
import type { Claimed } from '../core/view.ts';
import { decodeHeldSecret, encodeHeldSecret, type HeldSecret } from '../core/wire/held-secret.ts';
import { buildAccount, buildItem, type ClientParts } from './parts.ts';

/** What was claimed, at rest: the secret in the keychain, and its name without secrets in the state folder. */
export async function keep(parts: ClientParts, claimed: Claimed): Promise<HeldGrant> {
  const { grant, token } = claimed;
  const held: HeldGrant = { server: parts.server, account: buildAccount(grant), view: grant };
  const credential = claimed.credential ?? (await readHeld(parts, held))?.credential;
  if (!credential) return keep(parts, await parts.backend.claim(grant.requestId));
  await parts.keychain.set({
    ...buildItem(held),
    secret: encodeHeldSecret({ token, credential }),
    expiresAt: grant.expiresAt,
  });
  await parts.state.update((state) => withGrant(state, held));
  return held;
}

/** The secret of a grant that is held here; undefined when the keychain has none any more. */
export async function readHeld(
  parts: Pick<ClientParts, 'keychain'>,
  held: HeldGrant,
): Promise<HeldSecret | undefined> {
  const item = buildItem(held);
  const secret = await parts.keychain.get(item);
  if (!secret) return undefined;
  const decoded = decodeHeldSecret(secret);
  if (!decoded)
    throw fail('keychain_unreadable', { item: item.account, why: 'jit did not write what is in it' });
  return decoded;
}

/** Forgets a grant here. True when the keychain had it. */
export async function drop(
  parts: Pick<ClientParts, 'keychain' | 'state'>,
  held: { readonly id: string; readonly server: string; readonly account: string },
): Promise<boolean> {
  const isRemoved = await parts.keychain.remove(buildItem(held));
  await parts.state.update((state) => withoutGrant(state, held.id));
  return isRemoved;
}

/** Grants of this server that are held here and not over. */
export async function listHeld(
  parts: Pick<ClientParts, 'state' | 'clock' | 'server'>,
): Promise<readonly HeldGrant[]> {
  const { grants } = await parts.state.read();
  const now = parts.clock.now();
  return grants.filter((held) => held.server === parts.server && held.view.expiresAt > now);
}

export type SweepParts = Pick<ClientParts, 'state' | 'clock'> & {
  /** Opened only when there is something to remove. */
  readonly openKeychain: () => Promise<ClientParts['keychain']>;
};

/**
 * Removes every copy whose time is over, of any server. A keychain that cannot be reached keeps its worthless copy
 * and the note of it, for the next call; nothing that a person asked for fails because of that.
 */
export async function sweep(parts: SweepParts): Promise<number> {
  const { grants } = await parts.state.read();
  const now = parts.clock.now();
  const over = grants.filter((held) => held.view.expiresAt <= now);
  if (over.length === 0) return 0;
  try {
    const keychain = await parts.openKeychain();
    for (const held of over) await drop({ keychain, state: parts.state }, { ...held, id: held.view.id });
    return over.length;
  } catch (error) {
    if (hasCode(error, ...UNUSABLE)) return 0;
    throw error;
  }
}

/** Codes that say the keychain cannot be used now, not that something is wrong with what it holds. */
export const UNUSABLE = [
  'keychain_missing',
  'keychain_locked',
  'keychain_hanging',
  'passphrase_needed',
] as const;

function withGrant(state: LocalState, held: HeldGrant): LocalState {
  return {
    ...state,
    grants: [...state.grants.filter((known) => known.view.id !== held.view.id), held],
    requests: state.requests.filter((known) => known.view.id !== held.view.requestId),
  };
}

function withoutGrant(state: LocalState, id: string): LocalState {
  return { ...state, grants: state.grants.filter((held) => held.view.id !== id) };
}
