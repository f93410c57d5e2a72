import { closeSync, constants, openSync, statfsSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../core/secret.ts';

/** A file without a name: any process of the same user can open `path`, as often as it likes, until `close`. */
export type OpenSecretFile = { readonly path: string; readonly close: () => void };

const TMPFS_MAGIC = 0x01021994;
const MEMORY_FOLDER = '/dev/shm';

/**
 * S9. The file is removed before anything is written to it, and lies in memory where there is a tmpfs, so nothing
 * outlives this process however it ends. Undefined where the kernel has no /proc to reach it by.
 */
export function openSecretFile(content: Secret, platform: NodeJS.Platform): OpenSecretFile | undefined {
  if (platform !== 'linux') return undefined;
  const descriptor = openNameless();
  if (descriptor === undefined) return undefined;
  const close = (): void => closeSync(descriptor);
  const path = `/proc/${process.pid}/fd/${descriptor}`;
  try {
    writeSync(descriptor, content.reveal());
    closeSync(openSync(path, 'r'));
    return { path, close };
  } catch {
    close();
    return undefined;
  }
}

/** Tries it, with nothing secret in it. */
export function hasSecretFiles(platform: NodeJS.Platform): boolean {
  const file = openSecretFile(new Secret(''), platform);
  file?.close();
  return file !== undefined;
}

function openNameless(): number | undefined {
  for (const folder of isInMemory(MEMORY_FOLDER) ? [MEMORY_FOLDER, tmpdir()] : [tmpdir()]) {
    // Made exclusively, so it need only be a name that nobody else has: `node:crypto` takes longer to load than all this.
    const path = join(folder, `.jit-${process.pid}-${Math.random().toString(36).slice(2)}`);
    try {
      const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
      unlinkSync(path);
      return descriptor;
    } catch {
      // A folder that is missing, full or read-only: the next one will do.
    }
  }
  return undefined;
}

function isInMemory(folder: string): boolean {
  try {
    return statfsSync(folder).type === TMPFS_MAGIC;
  } catch {
    return false;
  }
}
