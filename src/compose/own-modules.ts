import { join } from 'node:path';
import { findPackageFolder } from '../adapters/package-folder.ts';

/** What a plugin means by `jit`: the modules of this very program. */
export function listOwnModules(): Readonly<Record<string, string>> {
  const dist = join(findPackageFolder(), 'dist');
  return { jit: join(dist, 'index.js'), 'jit/testing': join(dist, 'testing.js') };
}
