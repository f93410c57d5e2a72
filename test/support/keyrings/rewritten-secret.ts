import { join } from 'node:path';
import { openFileKeychain } from '../../../src/adapters/keychain/file.ts';
import type { Keychain, KeychainItem } from '../../../src/core/ports/keychain.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { Desk } from '../programs/desk.ts';

export type Rewriting = {
  /** Of the item; the first that fits. */
  readonly account: RegExp;
  /** Members of its document that are something else from now on. */
  readonly more: object;
};

/** Puts something else into a desk's keychain: what time, or another kind of target, would put there. */
export async function rewriteSecret(desk: Desk, { account, more }: Rewriting): Promise<void> {
  const [found, text] = [...(await desk.listSecrets())].find(([name]) => account.test(name)) ?? ['', ''];
  const secret = new Secret(JSON.stringify({ ...JSON.parse(text), ...more }));
  await openKeychain(desk).set({ ...locate(desk, found), secret, expiresAt: null });
}

export async function removeSecret(desk: Desk, account: string): Promise<void> {
  await openKeychain(desk).remove(locate(desk, account));
}

function locate({ environment }: Desk, account: string): KeychainItem {
  return { service: `jit ${new URL(environment.JIT_SERVER ?? '').host}`, account };
}

function openKeychain({ folder, passphrase }: Desk): Keychain {
  return openFileKeychain({
    folder: join(folder, 'state', 'keychain', 'items'),
    passphrase: async () => new Secret(passphrase),
    log2Cost: 10,
  });
}
