import { mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findAccount, findRoot } from '../../src/adapters/sample-database/account.ts';
import { findServer } from '../../src/adapters/sample-database/server-files.ts';
import { type RunningJit, startJit } from '../support/programs/running-jit.ts';

/** A process that was killed ends a moment later, and the reaper looks up every five seconds. */
const GONE = { timeout: 20_000, interval: 100 };

let temporary: string;

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'jit-test-quickstart-'));
});
afterEach(() => rm(temporary, { recursive: true, force: true }));

function startQuickstart(): RunningJit {
  const { PATH = '', HOME = '' } = process.env;
  const folders = { JIT_CONFIG_DIR: join(temporary, 'config'), JIT_STATE_DIR: join(temporary, 'state') };
  return startJit({
    args: ['quickstart', '--unattended'],
    environment: { PATH, HOME, TMPDIR: temporary, ...folders },
  });
}

/** Where the sample database of the only quickstart here has its data. */
async function findData(): Promise<string> {
  const [name = 'none'] = (await readdir(temporary)).filter((entry) => entry.startsWith('jit-quickstart-'));
  return findRoot(join(temporary, name, 'postgres'), await findAccount());
}

/** Whatever runs in one of these folders, or was told of one. */
async function listProcesses(folders: readonly string[]): Promise<readonly string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    ids.map(async (id) => {
      const where = await readlink(`/proc/${id}/cwd`).catch(() => '');
      const told = await readFile(`/proc/${id}/environ`, 'utf8').catch(() => '');
      const command = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
      const isOurs = folders.some((folder) => where.startsWith(folder) || (told + command).includes(folder));
      return isOurs ? [command.replaceAll('\0', ' ')] : [];
    }),
  );
  return found.flat();
}

async function hasPostgres(): Promise<boolean> {
  const searchPath = process.env.PATH ?? '';
  if (process.platform === 'linux' && (await findServer({ kinds: ['embedded', 'system'], searchPath })))
    return true;
  const line = 'no PostgreSQL on this Linux for the quickstart';
  if (process.env.JIT_TEST_NO_SKIP === '1') throw new Error(line);
  process.stderr.write(`skipped: ${line}\n`);
  return false;
}

describe.skipIf(!(await hasPostgres()))('jit quickstart --unattended', () => {
  it.each([
    ['SIGTERM', 'PostgreSQL comes up', /PostgreSQL \d+/],
    ['SIGHUP', 'a command of the story runs', /shows a code and an address/],
  ] as const)('I6: leaves nothing behind after %s while %s', async (signal, _when, line) => {
    const jit = startQuickstart();
    await jit.says(line);
    const data = await findData();
    await expect
      .poll(
        () =>
          stat(data).then(
            () => true,
            () => false,
          ),
        GONE,
      )
      .toBe(true);
    jit.kill(signal);
    const { exitCode, stderr } = await jit.ended;
    expect(stderr).toContain('interrupted: stopping everything');
    expect(stderr).not.toContain('the whole story held');
    expect(exitCode).toBe(130);
    await expect.poll(() => listProcesses([temporary, data]), GONE).toEqual([]);
    await expect(stat(data)).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await readdir(temporary)).filter((name) => name.startsWith('jit-quickstart-'))).toEqual([]);
  });
});
