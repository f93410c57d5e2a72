import { cp } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Plugin } from 'rolldown';
import { root } from './root.ts';

const source = join(root, 'src');
const OUTSIDE_URL = /new URL\(\s*'(\.{1,2}\/[^']+)',\s*import\.meta\.url,?\s*\)/g;

/**
 * Code that reads a file beside it says `new URL('./page.css', import.meta.url)`, which runs unbuilt as well. Here such
 * a file or folder of `src` is copied to `dist/assets`; one of the package's other folders (`bin`, `examples`) stays
 * where it is. Either way the address is rewritten, because all chunks lie directly in `dist`.
 */
export function createAssetPlugin(outputFolder: string): Plugin {
  return {
    name: 'assets',
    async transform(code, id) {
      if (!id.startsWith(source + sep) || !code.includes('import.meta.url')) return null;
      const places = new Map<string, string>();
      for (const [, written] of code.matchAll(OUTSIDE_URL)) {
        if (written) places.set(written, await place(resolve(dirname(id), written), outputFolder));
      }
      if (places.size === 0) return null;
      return {
        code: code.replace(
          OUTSIDE_URL,
          (_, written: string) => `new URL('${places.get(written)}', import.meta.url)`,
        ),
        map: null,
      };
    },
  };
}

async function place(file: string, outputFolder: string): Promise<string> {
  if (!file.startsWith(source + sep)) return `../${toUrlPath(relative(root, file))}`;
  if (/\.tsx?$/.test(file)) throw new Error(`${relative(root, file)} is code: import it instead`);
  const name = join('assets', relative(source, file));
  await cp(file, join(outputFolder, name), { recursive: true });
  return `./${toUrlPath(name)}`;
}

function toUrlPath(path: string): string {
  return path.split(sep).join('/');
}
