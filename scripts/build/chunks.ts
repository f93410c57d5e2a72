import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'rolldown';
import { root } from './root.ts';

/**
 * What nearly every command loads together, although each part is imported where it is needed. In one file, because a
 * file costs half a millisecond however small it is.
 */
const TOGETHER = [
  'src/compose/connect.ts',
  'src/adapters/local-state.ts',
  'src/adapters/config-file/config-file.ts',
  'src/adapters/keychain/open.ts',
  'src/adapters/keychain/keytar.ts',
  'src/adapters/lock/file-lock.ts',
  'src/core/helpers/helpers.ts',
  'src/cli/options.ts',
  'src/cli/text/output.ts',
  'src/cli/choose.ts',
  'src/cli/with-login.ts',
  'src/cli/asking/settle.ts',
  'src/cli/asking/standing.ts',
  'src/cli/using/prepare-ssh.ts',
  'src/cli/asking/ask.ts',
];

const PACKAGES_TOGETHER = ['smol-toml'];

/** What is imported by name, and shares with the program what both are made of: one class of errors, one `Secret`. */
const LIBRARIES = ['src/index.ts', 'src/testing.ts', 'src/verify.ts'];

export type Chunking = {
  readonly plugin: Plugin;
  readonly isTogether: (moduleId: string) => boolean;
  /** Part of what every command starts with, and of a library as well: in one file for the same reason. */
  readonly isShared: (moduleId: string) => boolean;
};

/** Finds those parts with all that they import, without what `main` has loaded by then. */
export function createChunking(): Chunking {
  let together: ReadonlySet<string> = new Set();
  let shared: ReadonlySet<string> = new Set();
  const plugin: Plugin = {
    name: 'chunking',
    buildEnd() {
      const find = (modules: readonly string[]): ReadonlySet<string> =>
        findClosure(modules, (id) => this.getModuleInfo(id)?.importedIds ?? []);
      const started = find([join(root, 'src/main.ts')]);
      const used = find(LIBRARIES.map((file) => join(root, file)));
      shared = new Set([...started].filter((id) => used.has(id)));
      together = new Set([...find(listTogether())].filter((id) => !started.has(id)));
    },
  };
  return {
    plugin,
    isTogether: (moduleId) => together.has(moduleId),
    isShared: (moduleId) => shared.has(moduleId),
  };
}

function listTogether(): readonly string[] {
  const packages = PACKAGES_TOGETHER.map((name) => fileURLToPath(import.meta.resolve(name)));
  return [...TOGETHER.map((file) => join(root, file)), ...packages];
}

/** The modules, and everything that they import statically. */
export function findClosure(
  start: readonly string[],
  listImports: (moduleId: string) => readonly string[],
): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...start];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...listImports(next));
  }
  return found;
}
