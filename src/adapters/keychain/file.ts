import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fail, hasCode, type JitError } from '../../core/errors.ts';
import type { AskPassphrase, Keychain, KeychainEntry, KeychainItem } from '../../core/ports/keychain.ts';
import { Secret } from '../../core/secret.ts';
import type { Instant } from '../../core/time.ts';
import { decodeHeader, encodeItem, openItem } from './file-item.ts';
import { type FolderKey, openFolderKey, readFolderKeyId } from './file-key.ts';
import { nameOf } from './held.ts';
import {
  describeFileError,
  listPrivateFiles,
  preparePrivateFolder,
  readPrivateFile,
  removeAbandoned,
  removePrivateFile,
  writePrivateFile,
} from './private-files.ts';

export type FileKeychainOptions = {
  /** Made at the first write, 0700; one item a file, 0600. */
  readonly folder: string;
  /** Asked when something is to be encrypted or decrypted, and only again where the answer was wrong: three times at most. */
  readonly passphrase: AskPassphrase;
  /** Of scrypt, for a new folder: 17 takes 128 MiB and some 0.4 s. */
  readonly log2Cost?: number;
};

const ENDING = '.item';
const LOG2_COST = 17;
const MOST_ATTEMPTS = 3;

/** Secrets in files of their own, AES-256-GCM under a passphrase. Names and ends are in the clear. */
export function openFileKeychain(options: FileKeychainOptions): Keychain {
  const { folder } = options;
  const pathOf = (item: KeychainItem) => join(folder, `${nameOf(item)}${ENDING}`);
  let opened: Promise<FolderKey> | undefined;

  function openKey(): Promise<FolderKey> {
    opened ??= deriveKey(options).catch((error: unknown) => {
      // So that the caller can ask for the passphrase again.
      opened = undefined;
      throw error;
    });
    return opened;
  }

  async function set(entry: KeychainEntry): Promise<void> {
    await preparePrivateFolder(folder);
    const key = await openKey();
    const { service, account, expiresAt } = entry;
    const header = { service, account, expiresAt, keyId: key.id };
    await writePrivateFile(pathOf(entry), encodeItem(key, { ...header, text: entry.secret.reveal() }));
  }

  async function get(item: KeychainItem): Promise<Secret | undefined> {
    const text = await readItemFile(pathOf(item), item);
    if (text === undefined) return undefined;
    await requireOwn(folder, { item, text });
    const value = openItem(await openKey(), text);
    if (value === undefined) throw unreadable(item, 'the file was changed or cut short');
    return new Secret(value);
  }

  async function remove(item: KeychainItem): Promise<boolean> {
    return removePrivateFile(pathOf(item));
  }

  async function probe(): Promise<void> {
    const item = { service: 'jit', account: `probe ${randomUUID()}` };
    await set({ ...item, secret: new Secret(item.account), expiresAt: null });
    const found = await get(item).finally(() => remove(item));
    if (found?.reveal() !== item.account) throw unreadable(item, 'it is not what was stored');
  }

  return { kind: 'file', probe, set, get, remove, removeExpired: (now) => removeExpired(folder, now) };
}

/** Where a person types it, a slip of the finger is not the end of the command. */
async function deriveKey(options: FileKeychainOptions): Promise<FolderKey> {
  const isNew = (await readFolderKeyId(options.folder)) === undefined;
  let passphrase = await options.passphrase({ isNew });
  for (let left = MOST_ATTEMPTS - 1; ; left -= 1) {
    if (!passphrase || passphrase.reveal() === '')
      throw fail('passphrase_needed', { why: 'the passphrase is empty' });
    try {
      return await openFolderKey(options.folder, { passphrase, log2Cost: options.log2Cost ?? LOG2_COST });
    } catch (error) {
      if (left === 0 || !hasCode(error, 'passphrase_needed')) throw error;
      passphrase = await options.passphrase({ isNew: false, refused: passphrase });
      if (!passphrase) throw error;
    }
  }
}

async function removeExpired(folder: string, now: Instant): Promise<number> {
  let count = 0;
  for (const path of await listPrivateFiles(folder, ENDING)) {
    const expiresAt = decodeHeader((await readPrivateFile(path).catch(() => '')) ?? '')?.expiresAt ?? null;
    if (expiresAt !== null && expiresAt <= now && (await removePrivateFile(path))) count += 1;
  }
  await removeAbandoned(folder, now);
  return count;
}

async function readItemFile(path: string, item: KeychainItem): Promise<string | undefined> {
  try {
    return await readPrivateFile(path);
  } catch (error) {
    throw unreadable(item, describeFileError(error), error);
  }
}

/** Judges what can be judged before the passphrase is asked for. */
async function requireOwn(
  folder: string,
  file: { readonly item: KeychainItem; readonly text: string },
): Promise<void> {
  const header = decodeHeader(file.text);
  if (!header) throw unreadable(file.item, 'the file is damaged, or was not written by jit');
  if (nameOf(header) !== nameOf(file.item))
    throw unreadable(file.item, `the file is that of "${header.account}"`);
  const keyId = await readFolderKeyId(folder);
  if (keyId === undefined) throw unreadable(file.item, 'key.json, which belongs to it, is missing');
  if (header.keyId !== keyId) throw unreadable(file.item, 'it was encrypted for another keychain folder');
}

function unreadable(item: KeychainItem, why: string, cause?: unknown): JitError {
  return fail('keychain_unreadable', { item: item.account, why }, cause);
}
