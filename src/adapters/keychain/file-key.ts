import { createHash, randomBytes, scrypt } from 'node:crypto';
import { join } from 'node:path';
import { fail, type JitError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import { parseJson } from './held.ts';
import { createPrivateFile, describeFileError, readPrivateFile } from './private-files.ts';
import { seal, unseal } from './sealed.ts';

/** The key of a folder; `id` names it in the items, so that one from another folder is known for what it is. */
export type FolderKey = { readonly id: string; readonly key: Buffer };

type Terms = { readonly format: string; readonly log2Cost: number; readonly salt: string };

const FILE = 'key.json';
const FORMAT = 'jit-keychain-key-1';
const CHECK_TEXT = 'jit';
const BLOCK_SIZE = 8;
const MIN_LOG2_COST = 10;
const MAX_LOG2_COST = 20;

/**
 * Derives the key of `folder` with scrypt and proves it against the folder's `key.json`, which the first call makes:
 * two passphrases in one folder are impossible. `passphrase_needed` for a wrong passphrase,
 * `keychain_unreadable` for a damaged file.
 */
export async function openFolderKey(
  folder: string,
  options: { readonly passphrase: Secret; readonly log2Cost: number },
): Promise<FolderKey> {
  const known = (await readKeyFile(folder)) ?? (await createKeyFile(folder, options));
  const [first = '', check = ''] = known.split('\n');
  const terms = decodeTerms(first);
  if (!terms) throw unreadable('it is damaged, or not of this version');
  const key = await derive(options.passphrase, terms);
  if (unseal(key, { sealed: check, context: first }) !== CHECK_TEXT) {
    throw fail('passphrase_needed', {
      why: 'wrong passphrase',
      next: 'try again with the one that this keychain was made with',
    });
  }
  return { id: keyId(first), key };
}

/** The id of the folder's key without its passphrase; undefined where nothing was ever stored. */
export async function readFolderKeyId(folder: string): Promise<string | undefined> {
  const known = await readKeyFile(folder);
  return known === undefined ? undefined : keyId(known.split('\n')[0] ?? '');
}

async function readKeyFile(folder: string): Promise<string | undefined> {
  try {
    return await readPrivateFile(join(folder, FILE));
  } catch (error) {
    throw unreadable(describeFileError(error), error);
  }
}

async function createKeyFile(
  folder: string,
  options: { readonly passphrase: Secret; readonly log2Cost: number },
): Promise<string> {
  const terms: Terms = {
    format: FORMAT,
    log2Cost: options.log2Cost,
    salt: randomBytes(16).toString('base64'),
  };
  const context = JSON.stringify(terms);
  const key = await derive(options.passphrase, terms);
  const text = `${context}\n${seal(key, { text: CHECK_TEXT, context })}\n`;
  if (await createPrivateFile(join(folder, FILE), text)) return text;
  // Another process was first: its passphrase is the one that counts.
  return (await readKeyFile(folder)) ?? '';
}

function derive(passphrase: Secret, terms: Terms): Promise<Buffer> {
  const cost = 2 ** terms.log2Cost;
  const options = { cost, blockSize: BLOCK_SIZE, parallelization: 1, maxmem: 256 * BLOCK_SIZE * cost };
  const salt = Buffer.from(terms.salt, 'base64');
  return new Promise((resolve, reject) => {
    scrypt(passphrase.reveal().normalize('NFC'), salt, 32, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}

function decodeTerms(text: string): Terms | undefined {
  const found = parseJson(text);
  if (typeof found !== 'object' || found === null) return undefined;
  const { format, log2Cost, salt } = found as Record<string, unknown>;
  if (format !== FORMAT || typeof salt !== 'string' || typeof log2Cost !== 'number') return undefined;
  // A file from elsewhere must not be able to take all memory, nor weaken what is stored next.
  if (!Number.isInteger(log2Cost) || log2Cost < MIN_LOG2_COST || log2Cost > MAX_LOG2_COST) return undefined;
  return { format, log2Cost, salt };
}

function keyId(terms: string): string {
  return createHash('sha256').update(terms).digest('hex').slice(0, 16);
}

function unreadable(why: string, cause?: unknown): JitError {
  return fail('keychain_unreadable', { item: FILE, why }, cause);
}
