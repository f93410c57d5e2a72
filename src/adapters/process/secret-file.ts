import { closeSync, constants, openSync, statfsSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../core/secret.ts';

/** A file without a name: any process of the same user can open `path`, as often as it likes, until `close`. */
export type OpenSecretFile = { readonly path: string; readonly close: () => void };

/** Where such files can be: the kind of system, and folders to try in this order. */
export type SecretPlaces = {
  readonly platform: NodeJS.Platform;
  readonly folders?: readonly string[] | undefined;
};

/** As much as a credential's file has; an empty one would find room in a full folder. */
const PROBE_BYTES = 4096;
const TMPFS_MAGIC = 0x01021994;
const MEMORY_FOLDER = '/dev/shm';

/**
 * S9. The file is removed before anything is written to it, and lies in memory where there is a tmpfs, so nothing
 * outlives this process however it ends. Undefined where the kernel has no /proc to reach it by.
 */
export function openSecretFile(content: Secret, places: SecretPlaces): OpenSecretFile | undefined {
  if (places.platform !== 'linux') return undefined;
  for (const folder of places.folders ?? listFolders()) {
    const file = openIn(folder, content);
    if (file) return file;
  }
  return undefined;
}

/** Tries it, with nothing secret in it. */
export function hasSecretFiles(places: SecretPlaces): boolean {
  const file = openSecretFile(new Secret(' '.repeat(PROBE_BYTES)), places);
  file?.close();
  return file !== undefined;
}

/** Undefined for a folder that is missing, read-only or too full for all of it. */
function openIn(folder: string, content: Secret): OpenSecretFile | undefined {
  const descriptor = openNameless(folder);
  if (descriptor === undefined) return undefined;
  const close = (): void => closeSync(descriptor);
  const path = `/proc/${process.pid}/fd/${descriptor}`;
  try {
    writeAll(descriptor, Buffer.from(content.reveal(), 'utf8'));
    closeSync(openSync(path, 'r'));
    return { path, close };
  } catch {
    close();
    return undefined;
  }
}

/** What does not fit is written in part first, and fails only then. */
function writeAll(descriptor: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
}

function openNameless(folder: string): number | undefined {
  // Made exclusively, so it need only be a name that nobody else has: `node:crypto` takes longer to load than all this.
  const path = join(folder, `.jit-${process.pid}-${Math.random().toString(36).slice(2)}`);
  try {
    const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
    unlinkSync(path);
    return descriptor;
  } catch {
    return undefined;
  }
}

function listFolders(): readonly string[] {
  return isInMemory(MEMORY_FOLDER) ? [MEMORY_FOLDER, tmpdir()] : [tmpdir()];
}

function isInMemory(folder: string): boolean {
  try {
    return statfsSync(folder).type === TMPFS_MAGIC;
  } catch {
    return false;
  }
}
