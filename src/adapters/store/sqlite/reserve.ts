import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rm, stat, statfs, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';

const MIB = 1024 * 1024;
/** What is set aside: some 15 MiB of records about endings, and the log of changes that they pass through. */
export const RESERVE_BYTES = 24 * MIB;
/** It is set aside only where so much more is left. */
const RESERVE_MARGIN_BYTES = 8 * MIB;
/** What a server that stops on a full disk keeps of the room that its log had: without it, it could not start again. */
const KEPT_BYTES = 4 * MIB;
const PRIVATE_FILE = 0o600;

/** A file that is there for its room alone. */
export type Reserve = {
  readonly isLaid: () => Promise<boolean>;
  /** Is there room for it now? */
  readonly fits: () => Promise<boolean>;
  /** False where it did not fit; then nothing is left of it. */
  readonly lay: () => Promise<boolean>;
  /** A part of it, where there is no room for all of it. */
  readonly keepSome: () => Promise<void>;
  /** True where there was something to give up. */
  readonly giveUp: () => Promise<boolean>;
};

export function createReserve(path: string): Reserve {
  const readBytes = () =>
    stat(path).then(
      ({ size }) => size,
      () => 0,
    );
  const fits = async (): Promise<boolean> => {
    const { bavail, bsize } = await statfs(dirname(path));
    return bavail * bsize >= RESERVE_BYTES + RESERVE_MARGIN_BYTES;
  };
  return {
    isLaid: async () => (await readBytes()) === RESERVE_BYTES,
    fits,
    lay: async () => {
      if (!(await fits())) return false;
      return await fillOrLeave(path, RESERVE_BYTES);
    },
    keepSome: async () => {
      await fillOrLeave(path, KEPT_BYTES);
    },
    giveUp: async () => {
      const bytes = await readBytes();
      // A file system that copies on writing may have no room to remove a name, and has for this.
      if (bytes > 0) await truncate(path, 0);
      await rm(path, { force: true }).catch(() => undefined);
      return bytes > 0;
    },
  };
}

/** False where it did not fit; then nothing is left of it. */
async function fillOrLeave(path: string, bytes: number): Promise<boolean> {
  try {
    await using file = await open(path, 'w', PRIVATE_FILE);
    await fill(file, bytes);
    await file.sync();
    return true;
  } catch {
    await rm(path, { force: true });
    return false;
  }
}

/** Real bytes, that no file system leaves out or makes smaller. */
async function fill(file: FileHandle, bytes: number): Promise<void> {
  const piece = randomBytes(MIB);
  for (let position = 0; position < bytes; position += piece.length) {
    const { bytesWritten } = await file.write(piece, 0, piece.length, position);
    if (bytesWritten < piece.length) throw new Error('the disk is full');
  }
}
