import type { Keychain, KeychainEntry, KeychainItem } from '../../../src/core/ports/keychain.ts';

/** Forgets everything with the process: for tests. Keychains made with the same `items` see each other's. */
export function createMemoryKeychain(items: Map<string, KeychainEntry> = new Map()): Keychain {
  const keyOf = (item: KeychainItem) => JSON.stringify([item.service, item.account]);
  return {
    kind: 'memory',
    probe: async () => undefined,
    set: async (entry) => {
      items.set(keyOf(entry), entry);
    },
    get: async (item) => items.get(keyOf(item))?.secret,
    remove: async (item) => items.delete(keyOf(item)),
    removeExpired: async (now) => {
      const expired = [...items].filter(([, entry]) => entry.expiresAt !== null && entry.expiresAt <= now);
      for (const [key] of expired) items.delete(key);
      return expired.length;
    },
  };
}
