import { lstatSync, mkdtempSync, readdirSync, rmdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder in which a secret file has the name that a program looks for. */
export type NamedFile = { readonly folder: string; readonly close: () => void };

const PREFIX = '.jit-named-';

/**
 * The folder holds a link to the nameless file and no secret. A jit that was killed leaves it behind with a link that
 * leads nowhere; the next one removes it. Undefined where no folder can be made.
 */
export function openNamedFile(options: {
  readonly path: string;
  readonly name: string;
}): NamedFile | undefined {
  try {
    sweep(tmpdir(), options.name);
    const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
    const close = (): void => removeFolder(folder, options.name);
    symlinkSync(options.path, join(folder, options.name));
    return { folder, close };
  } catch {
    return undefined;
  }
}

function sweep(parent: string, name: string): void {
  for (const entry of readdirSync(parent)) {
    const [, pid] = /^\.jit-named-(\d+)-/.exec(entry) ?? [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    if (isOurs(join(parent, entry), name)) removeFolder(join(parent, entry), name);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Everybody may write to a temporary folder: a link of that name would lead to a file of ours that is somewhere else. */
function isOurs(folder: string, name: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (!found?.isDirectory() || found.uid !== process.getuid?.()) return false;
  return lstatSync(join(folder, name), { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** One with more in it stays. */
function removeFolder(folder: string, name: string): void {
  try {
    unlinkSync(join(folder, name));
    rmdirSync(folder);
  } catch {
    // Gone by itself, or not ours.
  }
}
