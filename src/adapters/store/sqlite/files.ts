import { access, chmod, mkdir, open, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fail } from '../../../core/errors.ts';

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;
const BUSY = 5;

/** What the system says of a place that this user cannot keep a file at. */
const NO_PLACE: readonly unknown[] = [
  ...['EACCES', 'EPERM', 'EROFS', 'EEXIST', 'ENOENT'],
  ...['ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG'],
];
const ROOT = 0;

/**
 * Makes the file, and the folders above it that are missing, for this user alone. Returns its one true path.
 * `config_invalid` where this user cannot.
 */
export async function preparePrivateFile(path: string): Promise<string> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
    await createIfMissing(path);
    await chmod(path, PRIVATE_FILE);
    return await realpath(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!NO_PLACE.includes(code)) throw error;
    throw fail('config_invalid', { at: path, why: `cannot be kept there by this user (${code})` }, error);
  }
}

/** `config_invalid` where there is none: whoever only looks makes none. */
export async function requireFile(path: string): Promise<void> {
  await access(path).catch((error: unknown) => {
    throw fail('config_invalid', { at: path, why: 'there is no store' }, error);
  });
}

// Only ever exclusively: closing any descriptor of an existing file would drop the locks this process has on it.
async function createIfMissing(path: string): Promise<void> {
  try {
    await using file = await open(path, 'wx', PRIVATE_FILE);
    // A store that root restores is the server's, in whose folder it is.
    const { uid, gid } = await stat(dirname(path));
    if (process.getuid?.() === ROOT && uid !== ROOT) await file.chown(uid, gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/**
 * Holds the store for this process, by an exclusive transaction on an empty file beside it, which the kernel
 * lets go of when the process dies. `store_in_use` while somebody else has it. Returns how to let go.
 */
export async function holdStore(path: string): Promise<() => void> {
  const lock = new DatabaseSync(await preparePrivateFile(`${path}.lock`), { timeout: 0 });
  try {
    // The file stays empty, so it needs no journal of its own beside it.
    lock.exec('pragma journal_mode = memory');
    lock.exec('begin exclusive');
  } catch (error) {
    lock.close();
    if ((error as { readonly errcode?: unknown }).errcode === BUSY)
      throw fail('store_in_use', { path }, error);
    throw error;
  }
  return () => lock.close();
}
