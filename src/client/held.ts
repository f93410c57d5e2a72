import { fail, hasCode } from '../core/errors.ts';
import type { HeldGrant, LocalState } from '../core/ports/local-state.ts';
import type { Claimed } from '../core/view.ts';
import { decodeHeldSecret, encodeHeldSecret, type HeldSecret } from '../core/wire/held-secret.ts';
import { withLately } from './lately.ts';
import { buildAccount, buildItem, type ClientParts } from './parts.ts';

/**
 * What was claimed, at rest: its name without secrets in the state folder, and the secret in the keychain. The name
 * first, so that no crash leaves a secret that nobody would remove.
 */
export async function keep(parts: ClientParts, claimed: Claimed): Promise<HeldGrant> {
  const { grant } = claimed;
  const before = (await parts.state.read()).grants.find((known) =>
    isOf(known, { server: parts.server, id: grant.id }),
  );
  const held: HeldGrant = { ...before, server: parts.server, account: buildAccount(grant), view: grant };
  const secret = encodeHeldSecret(await complete(parts, { claimed, held }));
  await parts.state.update((state) => withLately(withGrant(state, held), { ...held, ...claimed }));
  try {
    await parts.keychain.set({ ...buildItem(held), secret, expiresAt: grant.expiresAt });
    return held;
  } catch (error) {
    await parts.state.update((state) =>
      before ? withGrant(state, before) : withoutGrant(state, { server: parts.server, id: grant.id }),
    );
    throw error;
  }
}

/** No credential was delivered: that of before still holds. Where it is not here, or cannot be read, it is asked for. */
async function complete(
  parts: ClientParts,
  { claimed, held }: { readonly claimed: Claimed; readonly held: HeldGrant },
): Promise<HeldSecret> {
  const { token, terms = null, credential } = claimed;
  if (credential) return { token, terms, credential };
  const known = await readHeld(parts, held).catch((error: unknown) => {
    if (hasCode(error, 'keychain_unreadable')) return undefined;
    throw error;
  });
  if (known) return { token, terms, credential: known.credential };
  const again = await parts.backend.claim(held.view.requestId);
  if (again.credential)
    return { token: again.token, terms: again.terms ?? null, credential: again.credential };
  throw fail('bad_answer', { address: parts.server, why: `it delivered no credential for ${held.view.id}` });
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
  await parts.state.update((state) => withoutGrant(state, held));
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

export type SweepParts = Pick<ClientParts, 'state' | 'clock'> &
  Partial<Pick<ClientParts, 'lock'>> & {
    /** Opened only when there is something to remove: the keychain that was chosen for this server. */
    readonly openKeychain: (server: string) => Promise<ClientParts['keychain']>;
  };

/**
 * Removes every copy whose time is over, of any server. A keychain that cannot be reached keeps its worthless copy
 * and the note of it, for the next call; nothing that a person asked for fails because of that. Of many commands at
 * once, one sweeps.
 */
export async function sweep(parts: SweepParts): Promise<number> {
  if ((await listOver(parts)).length === 0) return 0;
  let count = 0;
  const sweepAll = async (): Promise<void> => {
    count = await sweepOver(parts, await listOver(parts));
  };
  await (parts.lock ? parts.lock.tryRun('sweep', sweepAll) : sweepAll());
  return count;
}

async function listOver({ state, clock }: SweepParts): Promise<readonly HeldGrant[]> {
  const { grants } = await state.read();
  const now = clock.now();
  return grants.filter((held) => held.view.expiresAt <= now);
}

async function sweepOver(parts: SweepParts, grants: readonly HeldGrant[]): Promise<number> {
  let count = 0;
  for (const [server, over] of groupByServer(grants)) {
    count += await sweepServer(parts, { server, over }).catch((error: unknown) => {
      if (hasCode(error, ...UNUSABLE, 'keychain_unreadable')) return 0;
      throw error;
    });
  }
  return count;
}

type Over = { readonly server: string; readonly over: readonly HeldGrant[] };

async function sweepServer(parts: SweepParts, { server, over }: Over): Promise<number> {
  const keychain = await parts.openKeychain(server);
  for (const held of over) await drop({ keychain, state: parts.state }, { ...held, id: held.view.id });
  // What a state folder that was lost or damaged does not know any more.
  return over.length + (await keychain.removeExpired(parts.clock.now()));
}

function groupByServer(grants: readonly HeldGrant[]): ReadonlyMap<string, readonly HeldGrant[]> {
  const groups = new Map<string, readonly HeldGrant[]>();
  for (const held of grants) groups.set(held.server, [...(groups.get(held.server) ?? []), held]);
  return groups;
}

/** Codes that say the keychain cannot be used now, not that something is wrong with what it holds. */
const UNUSABLE = ['keychain_missing', 'keychain_locked', 'keychain_hanging', 'passphrase_needed'] as const;

function withGrant(state: LocalState, held: HeldGrant): LocalState {
  const { server, view } = held;
  return {
    ...state,
    grants: [...withoutGrant(state, { server, id: view.id }).grants, held],
    requests: state.requests.filter((known) => !isOf(known, { server, id: view.requestId })),
  };
}

function withoutGrant(state: LocalState, grant: OfServer): LocalState {
  return { ...state, grants: state.grants.filter((held) => !isOf(held, grant)) };
}

/** An id is one server's: another one may give the same. */
export type OfServer = { readonly server: string; readonly id: string };

export function isOf(
  known: { readonly server: string; readonly view: { readonly id: string } },
  { server, id }: OfServer,
): boolean {
  return known.server === server && known.view.id === id;
}
