import { fail } from '../../core/errors.ts';
import type { Keychain, KeychainEntry, KeychainItem } from '../../core/ports/keychain.ts';
import { Secret } from '../../core/secret.ts';
import type { Instant } from '../../core/time.ts';
import { createBounded, type NativeCall } from './bounded.ts';
import type { HeldItems } from './held.ts';
import { describeFailure } from './keytar-errors.ts';
import { eraseItem, type NativeItems, readItem, writeItem } from './keytar-items.ts';

/** What of keytar is used. Not its listing: that ends the process when the collection is locked. */
export type NativeKeychain = {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
};

export type KeytarKeychain = Keychain & {
  /** True while a call that was given up on blocks its thread: `leave` has to know (S14). */
  isStuck(): boolean;
};

export type KeytarOptions = {
  /** For the notes of what is held and until when; nothing secret is in it. */
  readonly folder: string;
  /** For each method as a whole. */
  readonly timeoutMs?: number;
  readonly load?: () => Promise<NativeKeychain>;
};

// Under the 3 s of the port, so that the whole program is gone within 4 s on a busy machine too.
const TIMEOUT_MS = 2500;
const PROBE_SERVICE = 'jit';

/** The keychain of the operating system: Secret Service on Linux, Keychain on macOS. Loaded at the first use. */
export function openKeytarKeychain(options: KeytarOptions): KeytarKeychain {
  const bounded = createBounded(options.timeoutMs ?? TIMEOUT_MS);
  const openHeld = async (): Promise<HeldItems> =>
    (await import('./held.ts')).createHeldItems(options.folder);
  const load = options.load ?? loadKeytar;
  const within = <T>(steps: (items: NativeItems) => Promise<T>): Promise<T> =>
    bounded.run(async (native) => steps(bindItems(await callNative(native, load), native)));

  async function set(entry: KeychainEntry): Promise<void> {
    // Noted first: a note without an item is swept away later, an item without a note would stay for ever.
    const held = await openHeld();
    if (entry.expiresAt !== null) await held.note(entry, entry.expiresAt);
    await within((items) => writeItem(items, entry, entry.secret.reveal()));
    if (entry.expiresAt === null) await held.forget(entry);
  }

  async function get(item: KeychainItem): Promise<Secret | undefined> {
    const text = await within(async (items) => {
      const found = await readItem(items, item);
      if (found === undefined) await requireOpen(items);
      return found;
    });
    return text === undefined ? undefined : new Secret(text);
  }

  async function remove(item: KeychainItem): Promise<boolean> {
    const removed = await within(async (items) => {
      const erased = await eraseItem(items, item);
      if (!erased) await requireOpen(items);
      return erased;
    });
    await (await openHeld()).forget(item);
    return removed;
  }

  async function removeExpired(now: Instant): Promise<number> {
    const held = await openHeld();
    const expired = await held.listExpired(now);
    if (expired.length === 0) return 0;
    return within(async (items) => {
      let count = 0;
      for (const item of expired) {
        if (await eraseItem(items, item)) count += 1;
        else await requireOpen(items);
        await held.forget(item);
      }
      return count;
    });
  }

  return {
    kind: 'os',
    probe: () => within(requireOpen),
    set,
    get,
    remove,
    removeExpired,
    isStuck: bounded.isStuck,
  };
}

/**
 * Writes, reads and deletes a throw-away item. A locked collection answers "nothing" to every read and every removal
 * and refuses only writes, so that nothing less can tell locked from absent (S14).
 */
async function requireOpen(items: NativeItems): Promise<void> {
  const account = `probe ${crypto.randomUUID()}`;
  await items.write(PROBE_SERVICE, account, account);
  const found = await items.read(PROBE_SERVICE, account);
  await items.erase(PROBE_SERVICE, account);
  if (found !== account) throw fail('keychain_missing', { why: 'it does not give back what was stored' });
}

function bindItems(keytar: NativeKeychain, native: NativeCall): NativeItems {
  return {
    read: (service, account) => callNative(native, () => keytar.getPassword(service, account)),
    write: (service, account, value) => callNative(native, () => keytar.setPassword(service, account, value)),
    erase: (service, account) => callNative(native, () => keytar.deletePassword(service, account)),
  };
}

async function callNative<T>(native: NativeCall, call: () => Promise<T>): Promise<T> {
  try {
    return await native(call);
  } catch (error) {
    throw describeFailure(error);
  }
}

async function loadKeytar(): Promise<NativeKeychain> {
  return (await import('keytar')).default;
}
