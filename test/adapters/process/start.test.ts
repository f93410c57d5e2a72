import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildExec, type ExecOrder, startProgram } from '../../support/processes/real.ts';

const folder = mkdtempSync(join(tmpdir(), 'jit-start-'));
afterAll(() => rmSync(folder, { recursive: true }));

function place(name: string, content: string, mode: number): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

async function exec(order: ExecOrder) {
  const { exitCode, stdout, stderr } = await startProgram(buildExec(order)).ended;
  return { exitCode, stdout, stderr };
}

describe('starting a child', () => {
  it.each([
    ['its own code', 'exit 7', 7],
    ['success', 'exit 0', 0],
    ['143 for SIGTERM', 'kill -TERM $$', 143],
    ['137 for SIGKILL', 'kill -KILL $$', 137],
  ])('ends with %s', async (_, script, exitCode) => {
    expect(await exec({ command: 'sh', args: ['-c', script] })).toMatchObject({ exitCode, stderr: '' });
  });

  it('hands arguments over untouched, with no shell between', async () => {
    const args = ['%s\n', '$(id) `id` ; "two words" *'];
    expect((await exec({ command: 'printf', args })).stdout).toBe(`${args[1]}\n`);
  });

  it.each([
    ['no-such-program', 127, 'child_not_found: no-such-program: command not found'],
    ['/no/such/program', 127, 'child_not_found: /no/such/program: command not found'],
    ['', 127, 'child_not_found: "": command not found'],
    ['/tmp', 126, 'child_not_runnable: /tmp: is a directory'],
    ['/etc/passwd', 126, 'child_not_runnable: /etc/passwd: permission denied'],
    ['/etc/passwd/x', 127, 'child_not_found: /etc/passwd/x: command not found'],
  ])('tells why "%s" did not run', async (command, exitCode, text) => {
    expect(await exec({ command })).toEqual({ exitCode, stdout: '', stderr: `${text}\n` });
  });

  it('tells a missing interpreter from a missing command', async () => {
    const command = place('broken', '#!/no/such/interpreter\n', 0o755);
    const { exitCode, stderr } = await exec({ command });
    expect([exitCode, stderr]).toEqual([
      126,
      `child_not_runnable: ${command}: the program that is to interpret it is missing\n`,
    ]);
  });

  it('runs a script without a first line as a shell would', async () => {
    const command = place('script', 'echo ran\n', 0o755);
    expect(await exec({ command })).toEqual({ exitCode: 0, stdout: 'ran\n', stderr: '' });
  });
});
