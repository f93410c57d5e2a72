import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'rolldown';
import { root } from './root.ts';

/** `src/version.ts` reads the manifest; built, it is the text itself, which costs no file at every start. */
export function createVersionPlugin(): Plugin {
  const file = join(root, 'src/version.ts');
  return {
    name: 'version',
    async load(id) {
      if (id !== file) return null;
      const { version }: { version: string } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
      return { code: `export const VERSION = ${JSON.stringify(version)};`, moduleType: 'js' };
    },
  };
}
