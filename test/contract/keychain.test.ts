import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { openFileKeychain } from '../../src/adapters/keychain/file.ts';
import type { KeychainEntry } from '../../src/core/ports/keychain.ts';
import { Secret } from '../../src/core/secret.ts';
import { testKeychain } from '../../src/testing/keychain.ts';
import { createMemoryKeychain } from '../support/keyrings/memory-keychain.ts';

describe('Keychain contract: memory', () => {
  testKeychain({ test }, async () => {
    const items = new Map<string, KeychainEntry>();
    return {
      keychain: createMemoryKeychain(items),
      another: createMemoryKeychain(items),
      close: async () => undefined,
    };
  });
});

describe('Keychain contract: encrypted files', () => {
  testKeychain({ test }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'jit-file-keychain-'));
    const passphrase = async () => new Secret('a passphrase');
    const open = () => openFileKeychain({ folder: join(folder, 'items'), passphrase, log2Cost: 10 });
    return { keychain: open(), another: open(), close: () => rm(folder, { recursive: true }) };
  });
});
