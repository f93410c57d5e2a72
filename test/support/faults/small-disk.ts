import { execFileSync } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasTool } from '../tools.ts';

const PROBE = 'd=$(mktemp -d) && mount -t tmpfs -o size=64k none $d && umount $d && rmdir $d';
const PAGE_BYTES = 4096;
const MIB = 1024 * 1024;

/** A file system of its own, which a test can fill to the last page. */
export type SmallDisk = AsyncDisposable & {
  readonly folder: string;
  /** Takes whatever is left, also what others gave up since. */
  readonly fill: () => Promise<void>;
  /** Gives back all that `fill` took. */
  readonly empty: () => Promise<void>;
};

export function canMountDisk(): boolean {
  return hasTool(['sh', '-c', PROBE], 'a small file system: root, and mount');
}

export async function mountSmallDisk(mebibytes: number): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'jit-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=700`, 'none', folder]);
  const ballasts: string[] = [];
  return {
    folder,
    fill: async () => {
      const path = join(folder, `ballast-${ballasts.length}`);
      ballasts.push(path);
      await fillFile(path);
    },
    empty: async () => {
      for (const path of ballasts.splice(0)) await rm(path);
    },
    [Symbol.asyncDispose]: async () => {
      execFileSync('umount', [folder]);
      await rm(folder, { recursive: true });
    },
  };
}

async function fillFile(path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const bytes of [MIB, PAGE_BYTES]) while (await takes(file, bytes));
  } finally {
    await file.close();
  }
}

async function takes(file: Awaited<ReturnType<typeof open>>, bytes: number): Promise<boolean> {
  return file.write(Buffer.alloc(bytes, 'x')).then(
    ({ bytesWritten }) => bytesWritten === bytes,
    () => false,
  );
}
