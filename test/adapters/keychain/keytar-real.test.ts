import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import {
  findKeyringObstacle,
  startHangingBus,
  startKeyring,
  startLockedKeyring,
  startSessionWithoutKeyring,
} from '../../support/keyrings/keyring.ts';
import { type RemoteKeychain, startRemoteKeychain } from '../../support/keyrings/remote-keychain.ts';

const obstacle = findKeyringObstacle();
const GRANT = { service: 'jit jit.example.com', account: 'prod:db.read on orders (gr_1)' };

let folder: string;
const running: { stop(): Promise<void> }[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-keytar-real-'));
});
afterEach(async () => {
  for (const one of running.splice(0).toReversed()) await one.stop();
  await rm(folder, { recursive: true });
});

function stopLater<T extends { stop(): Promise<void> }>(one: T): T {
  running.push(one);
  return one;
}

function openUnder(environment: Readonly<Record<string, string>>): RemoteKeychain['keychain'] {
  const remote = startRemoteKeychain({ environment, folder });
  running.push({ stop: remote.close });
  return remote.keychain;
}

const entry = { ...GRANT, secret: new Secret('token'), expiresAt: 1000 };

describe.skipIf(obstacle !== undefined)(
  `a real desktop keychain${obstacle ? ` (skipped: ${obstacle})` : ''}`,
  () => {
    it('S14: locked from the start: every method says keychain_locked', async () => {
      const keyring = stopLater(await startLockedKeyring());
      const keychain = openUnder(keyring.environment);
      const methods = [
        () => keychain.probe(),
        () => keychain.set(entry),
        () => keychain.get(GRANT),
        () => keychain.remove(GRANT),
      ];
      for (const method of methods) await expect(method()).rejects.toMatchObject({ code: 'keychain_locked' });
    });

    it('S14: locked while something is in it: what is there is not taken for gone, and is not forgotten', async () => {
      const keyring = stopLater(await startKeyring());
      const keychain = openUnder(keyring.environment);
      await keychain.set(entry);
      await keyring.lock();
      await expect(keychain.get(GRANT)).rejects.toMatchObject({ code: 'keychain_locked' });
      await expect(keychain.removeExpired(1000)).rejects.toMatchObject({ code: 'keychain_locked' });
    });

    it('S14: a session without a secret service: keychain_missing', async () => {
      const session = stopLater(await startSessionWithoutKeyring());
      const keychain = openUnder(session.environment);
      await expect(keychain.probe()).rejects.toMatchObject({ code: 'keychain_missing', exitCode: 4 });
      await expect(keychain.get(GRANT)).rejects.toMatchObject({ code: 'keychain_missing' });
    });

    it('S14: no session bus at all: keychain_missing', async () => {
      const keychain = openUnder({ PATH: '/usr/bin', DBUS_SESSION_BUS_ADDRESS: `unix:path=${folder}/none` });
      await expect(keychain.probe()).rejects.toMatchObject({ code: 'keychain_missing' });
    });
  },
);

describe('a bus that accepts and never answers', () => {
  it('S14: keychain_hanging within 3 s, and the process still answers', async () => {
    const bus = stopLater(await startHangingBus());
    const keychain = openUnder(bus.environment);
    await expect(keychain.get(GRANT)).rejects.toMatchObject({
      code: 'keychain_hanging',
      message: 'the keychain did not answer within 2.5 s',
    });
    await expect(keychain.probe()).rejects.toMatchObject({ code: 'keychain_hanging' });
  });
});
