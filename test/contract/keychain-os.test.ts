import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { type KeychainUnderTest, testKeychain } from '../../src/testing/keychain.ts';
import { findKeyringObstacle, startKeyring } from '../support/keyrings/keyring.ts';
import { startRemoteKeychain } from '../support/keyrings/remote-keychain.ts';

const obstacle = findKeyringObstacle();

async function openWorld(): Promise<KeychainUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'jit-os-keychain-'));
  const keyring = await startKeyring();
  const options = { environment: keyring.environment, folder };
  const one = startRemoteKeychain(options);
  const two = startRemoteKeychain(options);
  const close = async () => {
    await Promise.all([one.close(), two.close()]);
    await keyring.stop();
    await rm(folder, { recursive: true });
  };
  return { keychain: one.keychain, another: two.keychain, close };
}

describe('Keychain contract: keytar on a real gnome-keyring, two processes', () => {
  if (obstacle === undefined) testKeychain({ test }, openWorld);
  else test.skip(`skipped: ${obstacle}`, () => undefined);
});
