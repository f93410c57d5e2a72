import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, open, rm } from 'node:fs/promises';
import { fail } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';

const SECRET_BYTES = 32;
const OTHERS = 0o077;
const MOST_BYTES = 4096;
const TOO_SHORT = `has fewer than ${SECRET_BYTES} bytes: restore it, it opens the keys in the store`;

export type ServerSecretOptions = {
  readonly path: string;
  /** Told when others could read the file until now: whoever did has the secret. */
  readonly onExposed: (error: Error) => void;
};

/**
 * The embedded server's own secret: a 0600 file beside its store, made at the first start (the one exception of I5).
 * Two first starts at once find the same one: the file appears whole or not at all. A file that is too short, is a link
 * or belongs to somebody else is `config_invalid`: it would be a secret that others know.
 */
export async function readServerSecret(options: ServerSecretOptions): Promise<Secret> {
  const known = await readSecret(options);
  if (known) return known;
  await makeSecret(options.path);
  const made = await readSecret(options);
  if (!made) throw unusable(options.path, 'is gone again');
  return made;
}

async function readSecret({ path, onExposed }: ServerSecretOptions): Promise<Secret | undefined> {
  const file = await openExisting(path);
  if (!file) return undefined;
  try {
    const found = await file.stat();
    if (!found.isFile()) throw unusable(path, 'is not a file');
    if (found.uid !== process.getuid?.()) throw unusable(path, 'belongs to another user');
    if (found.size > MOST_BYTES) throw unusable(path, 'is far too large for a secret');
    const text = (await file.readFile('utf8')).trim();
    if (Buffer.byteLength(text) < SECRET_BYTES) throw unusable(path, TOO_SHORT);
    if (found.mode & OTHERS) {
      await file.chmod(0o600);
      onExposed(new Error(`others could read ${path}: it is 0600 now, and a copy that was made stays good`));
    }
    return new Secret(text);
  } finally {
    await file.close();
  }
}

async function openExisting(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (hasFileCode(error, 'ENOENT')) return undefined;
    if (hasFileCode(error, 'ELOOP')) throw unusable(path, 'is a symbolic link', error);
    throw error;
  }
}

async function makeSecret(path: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(SECRET_BYTES).toString('base64url')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    if (!hasFileCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(draft);
  }
}

function unusable(path: string, why: string, cause?: unknown): Error {
  return fail('config_invalid', { at: path, why }, cause);
}

function hasFileCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
