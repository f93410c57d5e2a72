import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder, and its path for a store inside; gone when the block that holds it ends. */
export async function makeFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'jit-store-'));
  return {
    folder,
    path: join(folder, 'data', 'jit.db'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
