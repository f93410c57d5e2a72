import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { JIT } from '../support/programs/running-jit.ts';
import { hasTool } from '../support/tools.ts';

const isFullThere = hasTool(['test', '-c', '/dev/full'], 'a disk that is always full: /dev/full');

/** jit as a shell runs it with this redirection of its output. */
async function run(redirected: string): Promise<{ exitCode: number | null; stderr: string }> {
  const script = `set -o pipefail; "${process.execPath}" "${JIT}" ${redirected}`;
  const child = spawn('bash', ['-c', script], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const stderr = await text(child.stderr);
  return { exitCode: await ended, stderr };
}

describe('output that cannot be written', () => {
  it.skipIf(!isFullThere)('is 1 with one line that says why, also where all else went well', async () => {
    expect(await run('completion bash > /dev/full')).toEqual({
      exitCode: 1,
      stderr: '✖ the output was not written (ENOSPC)\n',
    });
  });

  it.skipIf(!isFullThere)('keeps the code of what went wrong before', async () => {
    const { exitCode, stderr } = await run('completion fishy > /dev/full');
    expect(exitCode).toBe(2);
    expect(stderr).not.toContain('was not written');
  });

  it('is nothing to speak of where its reader has enough of it', async () => {
    expect(await run('completion bash | true')).toEqual({ exitCode: 0, stderr: '' });
  });
});
