import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, type FileHandle, link, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail, type JitError } from '../../core/errors.ts';
import type { Instant } from '../../core/time.ts';

const OTHERS = 0o077;
const MAX_BYTES = 1024 * 1024;
const ABANDONED_MS = 10 * 60 * 1000;
const TEMPORARY = '.tmp';

/**
 * Makes the folder, 0700. One that others may look into is tightened; one that belongs to somebody else, or is no
 * folder, is refused with `keychain_missing`.
 */
export async function preparePrivateFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const found = await stat(folder);
    if (found.uid !== process.getuid?.()) throw new Error('it belongs to another user');
    if (found.mode & OTHERS) await chmod(folder, 0o700);
  } catch (error) {
    throw unusable(folder, error);
  }
}

/** The file's text; undefined when there is none. Never follows a link; takes rights away from others. */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  const file = await openExisting(path);
  if (!file) return undefined;
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new Error('it is not a file');
    if (found.uid !== process.getuid?.()) throw new Error('the file belongs to another user');
    if (found.size > MAX_BYTES) throw new Error('the file is far too large');
    if (found.mode & OTHERS) await file.chmod(0o600);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** Replaces the whole file or nothing of it; on disk when it resolves. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const temporary = temporaryPath(path);
  try {
    await writeDurably(temporary, text);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw unusable(path, error);
  }
}

/** False, and nothing changed, when the file is there already. */
export async function createPrivateFile(path: string, text: string): Promise<boolean> {
  const temporary = temporaryPath(path);
  try {
    await writeDurably(temporary, text);
    await link(temporary, path);
    await syncFolder(dirname(path));
    return true;
  } catch (error) {
    if (isFileError(error, 'EEXIST')) return false;
    throw unusable(path, error);
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

/** True when there was one. */
export async function removePrivateFile(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return false;
    throw unusable(path, error);
  }
}

/** Paths of the files with this ending; of a folder that is not there, none. */
export async function listPrivateFiles(folder: string, ending: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return [];
    throw unusable(folder, error);
  }
}

/** Removes what a writer left behind that was killed before it could rename. */
export async function removeAbandoned(folder: string, now: Instant): Promise<void> {
  for (const path of await listPrivateFiles(folder, TEMPORARY)) {
    const found = await stat(path).catch(() => undefined);
    if (found && found.mtimeMs <= now - ABANDONED_MS) await removePrivateFile(path);
  }
}

/** What went wrong with a file, in words without its path. */
export function describeFileError(error: unknown): string {
  if (isFileError(error, 'ENOSPC')) return 'the disk is full';
  if (isFileError(error, 'EACCES')) return 'permission denied';
  if (isFileError(error, 'ELOOP')) return 'it is a symbolic link';
  return error instanceof Error ? error.message : String(error);
}

async function openExisting(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function temporaryPath(path: string): string {
  return `${path}.${randomBytes(6).toString('hex')}${TEMPORARY}`;
}

function unusable(path: string, error: unknown): JitError {
  return fail('keychain_missing', { why: `${path}: ${describeFileError(error)}` }, error);
}

function isFileError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
