import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './root.ts';

const run = promisify(execFile);

/**
 * The declarations of what is imported by name, file by file as the sources are. What is wrong with the types is for
 * `npm run types` to say: they are written all the same.
 */
export async function writeTypes(folder: string, entries: readonly string[]): Promise<void> {
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  const types = join(folder, 'types');
  await run(tsc, ['-p', join(root, 'tsconfig.types.json'), '--outDir', types], { cwd: root }).catch(
    () => undefined,
  );
  const missing = entries.filter((name) => !existsSync(join(types, `${name}.d.ts`)));
  if (missing.length > 0) throw new Error(`no types were written for ${missing.join(', ')}`);
}
