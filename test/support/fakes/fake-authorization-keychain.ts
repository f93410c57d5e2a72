import type { Keychain, KeychainItem } from '../../../src/core/ports/keychain.ts';
import type { Lock } from '../../../src/core/ports/lock.ts';
import type { Secret } from '../../../src/core/secret.ts';

export type SharedKeychain = Keychain & { readonly items: Map<string, Secret>; reads: number };

/** One keychain for any number of instances; what is written is there at once, everything else takes a turn. */
export function createSharedKeychain(): SharedKeychain {
  const nameOf = (item: KeychainItem): string => `${item.service} / ${item.account}`;
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const ends = new Map<string, number>();
  const keychain: SharedKeychain = {
    kind: 'memory',
    items: new Map(),
    reads: 0,
    probe: turn,
    set: async (entry) => {
      await turn();
      keychain.items.set(nameOf(entry), entry.secret);
      ends.set(nameOf(entry), entry.expiresAt ?? Number.POSITIVE_INFINITY);
    },
    get: async (item) => {
      keychain.reads += 1;
      await turn();
      return keychain.items.get(nameOf(item));
    },
    remove: async (item) => keychain.items.delete(nameOf(item)),
    removeExpired: async (now) => {
      const over = [...ends].filter(([name, at]) => at <= now && keychain.items.delete(name));
      for (const [name] of over) ends.delete(name);
      return over.length;
    },
  };
  return keychain;
}

/** Callers of one name take turns, whichever instance they belong to. `names`: whose turns were asked for. */
export function createQueueLock(): Lock & { readonly names: string[] } {
  const tails = new Map<string, Promise<unknown>>();
  const held = new Set<string>();
  const names: string[] = [];
  const hold = async <T>(name: string, action: () => Promise<T>): Promise<T> => {
    held.add(name);
    return action().finally(() => held.delete(name));
  };
  return {
    names,
    run: (name, action) => {
      names.push(name);
      const enter = () => hold(name, action);
      const turn = (tails.get(name) ?? Promise.resolve()).then(enter, enter);
      tails.set(name, turn);
      return turn;
    },
    tryRun: async (name, action) => {
      if (held.has(name)) return false;
      const turn = hold(name, action);
      tails.set(name, turn);
      await turn;
      return true;
    },
  };
}
