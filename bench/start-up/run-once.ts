import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { MeasuredCommand } from './commands.ts';

/** One whole process. `peakBytes` is 0 where the system does not tell. */
export type Run = { readonly exitCode: number; readonly elapsedMs: number; readonly peakBytes: number };

const preload = fileURLToPath(new URL('./report-memory.cjs', import.meta.url));
const TASKSET = ['/usr/bin/taskset', '/bin/taskset'].find((path) => existsSync(path));

/** Runs a command to its end, pinned to one CPU where that can be done. */
export function runOnce(command: MeasuredCommand, options: { readonly memory?: boolean } = {}): Promise<Run> {
  const node = options.memory ? [process.execPath, '--require', preload] : [process.execPath];
  const [program = '', ...args] = [...(TASKSET ? [TASKSET, '-c', '0'] : []), ...node, ...command.args];
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: command.environment,
      stdio: ['ignore', 'pipe', 'ignore', options.memory ? 'pipe' : 'ignore'],
    });
    // Read, as by whoever starts it in a pipe.
    child.stdout?.resume();
    let written = '';
    child.stdio[3]?.on('data', (chunk: Buffer) => {
      written += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ exitCode: code ?? 1, elapsedMs: performance.now() - startedAt, peakBytes: Number(written) });
    });
  });
}
