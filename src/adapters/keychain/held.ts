import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { KeychainItem } from '../../core/ports/keychain.ts';
import type { Instant } from '../../core/time.ts';
import {
  listPrivateFiles,
  preparePrivateFolder,
  readPrivateFile,
  removeAbandoned,
  removePrivateFile,
  writePrivateFile,
} from './private-files.ts';

const ENDING = '.json';

/**
 * What the OS keychain holds and until when, without the secrets: one small file an item that has an end. The OS
 * keychain itself cannot be asked: listing a locked collection ends the process inside keytar.
 */
export type HeldItems = {
  note(item: KeychainItem, expiresAt: Instant | null): Promise<void>;
  forget(item: KeychainItem): Promise<void>;
  listExpired(now: Instant): Promise<readonly KeychainItem[]>;
};

/** Keeps the notes in `folder`, which is made at the first one. */
export function createHeldItems(folder: string): HeldItems {
  const pathOf = (item: KeychainItem) => join(folder, `${nameOf(item)}${ENDING}`);

  async function note(item: KeychainItem, expiresAt: Instant | null): Promise<void> {
    if (expiresAt === null) return forget(item);
    await preparePrivateFolder(folder);
    const { service, account } = item;
    await writePrivateFile(pathOf(item), JSON.stringify({ service, account, expiresAt }));
  }

  async function forget(item: KeychainItem): Promise<void> {
    await removePrivateFile(pathOf(item));
  }

  async function listExpired(now: Instant): Promise<readonly KeychainItem[]> {
    const expired: KeychainItem[] = [];
    for (const path of await listPrivateFiles(folder, ENDING)) {
      const held = decodeHeld(await readPrivateFile(path));
      if (held && held.expiresAt <= now) expired.push(held);
    }
    await removeAbandoned(folder, now);
    return expired;
  }

  return { note, forget, listExpired };
}

/** A file name for an item: accounts have characters that file names must not have. */
export function nameOf(item: KeychainItem): string {
  return createHash('sha256')
    .update(JSON.stringify([item.service, item.account]))
    .digest('hex')
    .slice(0, 40);
}

function decodeHeld(text: string | undefined): (KeychainItem & { readonly expiresAt: Instant }) | undefined {
  const found = parseJson(text ?? '');
  if (typeof found !== 'object' || found === null) return undefined;
  const { service, account, expiresAt } = found as Record<string, unknown>;
  if (typeof service !== 'string' || typeof account !== 'string' || typeof expiresAt !== 'number') return;
  return { service, account, expiresAt };
}

/** Undefined for what is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
