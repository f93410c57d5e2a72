import type { Keychain, KeychainItem } from '../../src/core/ports/keychain.ts';
import type { Lock } from '../../src/core/ports/lock.ts';
import type { Secret } from '../../src/core/secret.ts';

export type SharedKeychain = Keychain & { readonly items: Map<string, Secret>; reads: number };

/** One keychain for any number of instances; what is written is there at once, everything else takes a turn. */
export function createSharedKeychain(): SharedKeychain {
  const nameOf = (item: KeychainItem): string => `${item.service} / ${item.account}`;
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const keychain: SharedKeychain = {
    kind: 'memory',
    items: new Map(),
    reads: 0,
    probe: turn,
    set: async (entry) => {
      await turn();
      keychain.items.set(nameOf(entry), entry.secret);
    },
    get: async (item) => {
      keychain.reads += 1;
      await turn();
      return keychain.items.get(nameOf(item));
    },
    remove: async (item) => keychain.items.delete(nameOf(item)),
    removeExpired: async () => 0,
  };
  return keychain;
}

/** Callers of one name take turns, whichever instance they belong to. */
export function createQueueLock(): Pick<Lock, 'run'> & { readonly names: string[] } {
  const tails = new Map<string, Promise<unknown>>();
  const names: string[] = [];
  return {
    names,
    run: (name, action) => {
      names.push(name);
      const turn = (tails.get(name) ?? Promise.resolve()).then(action, action);
      tails.set(name, turn);
      return turn;
    },
  };
}
