import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const LEAVE = pathToFileURL(join(ROOT, 'src/leave.ts')).href;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-bin-'));
  await mkdir(join(folder, 'bin'));
  await mkdir(join(folder, 'dist'));
  await writeFile(join(folder, 'package.json'), '{"type": "module"}');
  await copyFile(join(ROOT, 'bin/jit.js'), join(folder, 'bin/jit.js'));
});
afterEach(() => rm(folder, { recursive: true }));

type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string };

function runBin(args: readonly string[], nodeArgs: readonly string[] = []): Promise<Outcome> {
  return new Promise((resolve) => {
    const all = [...nodeArgs, join(folder, 'bin/jit.js'), ...args];
    const child = execFile(process.execPath, all, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

async function writeMain(run: string): Promise<void> {
  await writeFile(
    join(folder, 'dist/main.js'),
    `export { leave } from '${LEAVE}';\nexport const run = ${run};\n`,
  );
}

describe('bin/jit.js', () => {
  it('hands the arguments on and exits with the code, though something is still open', async () => {
    await writeMain(`async (argv) => {
      setInterval(() => {}, 1000);
      process.stdout.write(argv.join(' '));
      return { exitCode: argv.length, stuck: false };
    }`);
    expect(await runBin(['status', '--json', 'x'])).toEqual({
      code: 3,
      stdout: 'status --json x',
      stderr: '',
    });
  });

  it('says in one line which Node it needs, and loads nothing with one that is too old', async () => {
    const old = "Object.defineProperty(process, 'versions', { value: { node: '22.15.1' } })";
    const outcome = await runBin(['status'], ['--import', `data:text/javascript,${encodeURIComponent(old)}`]);
    expect(outcome).toEqual({
      code: 1,
      stdout: '',
      stderr: 'jit: this is Node 22.15.1; jit needs 22.16 or newer\n',
    });
  });

  it('says in one line what went wrong when the program cannot be loaded', async () => {
    const outcome = await runBin(['status']);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/^jit: Cannot find module .*\n$/);
  });
});
