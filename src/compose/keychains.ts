import { join } from 'node:path';
import type { OpenKeychain } from '../adapters/keychain/open.ts';
import type { AskPassphrase } from '../core/ports/keychain.ts';
import type { ServerSettings } from './find-server.ts';

export type KeychainsOptions = {
  readonly settings: ServerSettings;
  readonly stateFolder: string;
  readonly passphrase: AskPassphrase;
};

/** Opens the keychain that was chosen for a server, and remembers what it opened. */
export type Keychains = {
  readonly openFor: (server: string, passphrase?: AskPassphrase) => Promise<OpenKeychain>;
  /** True while a native call of any of them blocks its thread (S14). */
  readonly isStuck: () => boolean;
};

export function createKeychains(options: KeychainsOptions): Keychains {
  const { settings, stateFolder } = options;
  const opened: OpenKeychain[] = [];
  const openFor = async (server: string, passphrase = options.passphrase): Promise<OpenKeychain> => {
    const choice = await findChoice(settings, server);
    const { openKeychain } = await import('../adapters/keychain/open.ts');
    const keychain = await openKeychain({ choice, folder: join(stateFolder, 'keychain'), passphrase });
    opened.push(keychain);
    return keychain;
  };
  return {
    openFor,
    isStuck: () => opened.some((keychain) => keychain.isStuck()),
  };
}

/** What the environment says, else the server's profile; undefined is the operating system's. */
async function findChoice(settings: ServerSettings, server: string): Promise<'os' | 'file' | undefined> {
  const { JIT_KEYCHAIN: named } = settings.environment;
  if (named === 'os' || named === 'file') return named;
  const config = await settings.readConfig();
  return Object.values(config.profiles).find((profile) => profile.server === server)?.keychain;
}
