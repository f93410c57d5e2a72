import { createHash } from 'node:crypto';
import { accessSync, constants, rmSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { basename, delimiter, join, resolve } from 'node:path';
import { fail } from '../../../core/errors.ts';
import { endWithJit } from './end-with-jit.ts';

export type ExecutableOrder = {
  /** For people: which plugin. */
  readonly label: string;
  readonly command: string;
  readonly sha256: string | null;
  /** Where relative paths begin. */
  readonly folder: string;
  readonly searchPath: string;
  /** Where a pinned plugin is copied to: nobody else may write there. */
  readonly privateFolder: string;
};

/** A file that is ready to be run. `release` once the process has begun to speak, or is gone. */
export type Executable = { readonly path: string; readonly release: () => void };

/**
 * Finds the program. One with a pin is read once: those bytes are compared, and a copy of those bytes is what runs, so
 * that nobody can exchange the file in between. `plugin_changed` where they are others, `plugin_unusable` without a file.
 */
export async function prepareExecutable(order: ExecutableOrder): Promise<Executable> {
  const path = findExecutable(order);
  if (order.sha256 === null) return { path, release: () => undefined };
  const bytes = await readFile(path).catch((error: unknown) => {
    throw fail('plugin_unusable', { plugin: order.label, why: `${path} cannot be read` }, error);
  });
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== order.sha256)
    throw fail('plugin_changed', { plugin: order.label, expected: order.sha256, found });
  return copy(bytes, { name: basename(path), into: order.privateFolder });
}

function findExecutable({ label, command, folder, searchPath }: ExecutableOrder): string {
  const candidates = command.includes('/')
    ? [resolve(folder, command)]
    : searchPath
        .split(delimiter)
        .filter((entry) => entry.startsWith('/'))
        .map((entry) => join(entry, command));
  const found = candidates.find(isRunnable);
  if (found !== undefined) return found;
  const [only] = candidates;
  const isThere = only !== undefined && statSync(only, { throwIfNoEntry: false }) !== undefined;
  const why = isThere ? `${only} may not be executed` : `there is no ${command}`;
  throw fail('plugin_unusable', { plugin: label, why });
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function copy(
  bytes: Uint8Array,
  { name, into }: { readonly name: string; readonly into: string },
): Promise<Executable> {
  await mkdir(into, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(into, 'run-'));
  const path = join(folder, name);
  await writeFile(path, bytes, { mode: 0o500, flag: 'wx' });
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const stopListening = endWithJit(remove);
  return {
    path,
    release: () => {
      stopListening();
      remove();
    },
  };
}
