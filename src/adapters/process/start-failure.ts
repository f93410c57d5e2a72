import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fail, type JitError } from '../../core/errors.ts';

type Attempt = { readonly command: string; readonly searchPath: string };

/** Why a command did not start, told apart as a shell does: 127 not there, 126 there but not to be run. */
export function explainStartFailure(error: unknown, attempt: Attempt): JitError {
  const { command } = attempt;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  if (command === '') return fail('child_not_found', { command: '""' }, error);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    if (!isRunnable(attempt)) return fail('child_not_found', { command }, error);
    return fail(
      'child_not_runnable',
      { command, why: 'the program that is to interpret it is missing' },
      error,
    );
  }
  return fail('child_not_runnable', { command, why: explain(code, command) }, error);
}

function explain(code: string, command: string): string {
  if (code === 'EACCES') return isFolder(command) ? 'is a directory' : 'permission denied';
  if (code === 'ENOEXEC') return 'is not a program for this machine';
  if (code === 'E2BIG') return 'the argument list is too long';
  return `cannot be run (${code})`;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isRunnable({ command, searchPath }: Attempt): boolean {
  const candidates = command.includes('/')
    ? [command]
    : searchPath.split(delimiter).map((folder) => join(folder, command));
  return candidates.some((path) => {
    try {
      accessSync(path, constants.X_OK);
      return !isFolder(path);
    } catch {
      return false;
    }
  });
}
