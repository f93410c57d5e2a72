import { fail, hasCode } from '../core/errors.ts';
import type { HeldGrant, LocalState } from '../core/ports/local-state.ts';
import type { Claimed } from '../core/view.ts';
import { decodeHeldSecret, encodeHeldSecret, type HeldSecret } from '../core/wire/held-secret.ts';
import { buildAccount, buildItem, type ClientParts } from './parts.ts';

/** What was claimed, at rest: the secret in the keychain, and its name without secrets in the state folder. */
export async function keep(parts: ClientParts, claimed: Claimed): Promise<HeldGrant> {
  const { grant, token } = claimed;
  const held: HeldGrant = {
    id: grant.id,
    requestId: grant.requestId,
    server: parts.server,
    scopes: grant.scopes,
    target: grant.target,
    expiresAt: grant.expiresAt,
    account: buildAccount(grant),
  };
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
  held: Pick<HeldGrant, 'id' | 'server' | 'account'>,
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
  return grants.filter((grant) => grant.server === parts.server && grant.expiresAt > now);
}

/**
 * Removes every copy whose time is over, of any server. A keychain that cannot be reached keeps its worthless copy
 * and the note of it, for the next call; nothing that a person asked for fails because of that.
 */
export async function sweep(parts: Pick<ClientParts, 'keychain' | 'state' | 'clock'>): Promise<number> {
  const { grants } = await parts.state.read();
  const now = parts.clock.now();
  const over = grants.filter((grant) => grant.expiresAt <= now);
  for (const grant of over) {
    await drop(parts, grant).catch((error: unknown) => {
      if (!hasCode(error, 'keychain_missing', 'keychain_locked', 'keychain_hanging')) throw error;
    });
  }
  return over.length;
}

function withGrant(state: LocalState, held: HeldGrant): LocalState {
  return {
    ...state,
    grants: [...state.grants.filter((grant) => grant.id !== held.id), held],
    requests: state.requests.filter((request) => request.id !== held.requestId),
  };
}

function withoutGrant(state: LocalState, id: string): LocalState {
  return { ...state, grants: state.grants.filter((grant) => grant.id !== id) };
}
