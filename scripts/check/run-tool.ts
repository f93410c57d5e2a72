import { execFile } from 'node:child_process';
import { root } from '../build/root.ts';

/** How a check came out: `note` beside its name, `output` below it when it failed. */
export type Finding = { readonly ok: boolean; readonly note?: string; readonly output: string };

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Runs a program from PATH, where npm has put the project's own tools first. Failing is an answer, not an exception. */
export function runTool(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly timeoutMs?: number } = {},
): Promise<Finding & { readonly stdout: string }> {
  const { cwd = root, timeoutMs = 300_000 } = options;
  return new Promise((resolve) => {
    execFile(
      command,
      args,
      { cwd, timeout: timeoutMs, maxBuffer: MAX_OUTPUT_BYTES },
      (error, stdout, stderr) => {
        const failure =
          error && !('code' in error && typeof error.code === 'number') ? `${error.message}\n` : '';
        resolve({ ok: error === null, stdout, output: `${stdout}${stderr}${failure}` });
      },
    );
  });
}
