import { join } from 'node:path';
import type { AskPassphrase, Keychain } from '../../core/ports/keychain.ts';

export type OpenKeychain = Keychain & {
  /** True while a native call that was given up on blocks its thread: `leave` has to know (S14). */
  isStuck(): boolean;
};

export type KeychainChoice = {
  /** What the user chose; undefined means the operating system's. Never changed here: no silent fallback (S14). */
  readonly choice: 'os' | 'file' | undefined;
  /** In the state folder: the encrypted items, or the notes of what the OS keychain holds and until when. */
  readonly folder: string;
  readonly passphrase: AskPassphrase;
};

/** Opens the keychain that was chosen, and loads only that. Touches nothing before its first call. */
export async function openKeychain(options: KeychainChoice): Promise<OpenKeychain> {
  const { choice, passphrase } = options;
  if (choice !== 'file') {
    const { openKeytarKeychain } = await import('./keytar.ts');
    return openKeytarKeychain({ folder: join(options.folder, 'held') });
  }
  const { openFileKeychain } = await import('./file.ts');
  return {
    ...openFileKeychain({ folder: join(options.folder, 'items'), passphrase }),
    isStuck: () => false,
  };
}
