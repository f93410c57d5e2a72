import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The bytes of the files in an installed tree, and how many packages it has. */
export async function measureTree(
  folder: string,
): Promise<{ readonly bytes: number; readonly packages: number }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return {
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    packages: files.filter((file) => /\/node_modules\/(@[^/]+\/)?[^/@]+\/package\.json$/.test(file)).length,
  };
}
