import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { createProcesses } from '../../../src/adapters/process/processes.ts';
import { type OpenSecretFile, openSecretFile } from '../../../src/adapters/process/secret-file.ts';
import { Secret } from '../../../src/core/secret.ts';
import { canMountDisk, mountSmallDisk } from '../../support/faults/small-disk.ts';
import { openPretendPostgres } from '../../support/processes/postgres.ts';
import { buildExec, startProgram } from '../../support/processes/real.ts';

const secret = 'localhost:5432:orders:jit_x:canary-3f9a';
const run = async (script: string, platform?: NodeJS.Platform) =>
  startProgram(buildExec({ command: 'sh', args: ['-c', script], secret, ...(platform ? { platform } : {}) }))
    .ended;

function findLeftovers(): readonly string[] {
  return [tmpdir(), '/dev/shm'].flatMap((folder) =>
    existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('.jit-')) : [],
  );
}

function hasPsql(): boolean {
  try {
    execFileSync('psql', ['--version'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (process.env.JIT_TEST_NO_SKIP === '1')
      throw new Error('psql is needed for this test', { cause: error });
    console.warn('skipped: psql is missing');
    return false;
  }
}

describe.skipIf(process.platform !== 'linux')('a secret file', () => {
  it('S9: is read whole by the child and by its children, as often as they like', async () => {
    const { stdout, exitCode } = await run(
      'cat "$PGPASSFILE"; echo; sh -c \'cat "$PGPASSFILE"; echo; cat "$PGPASSFILE"\'',
    );
    expect([exitCode, stdout]).toEqual([0, [secret, secret, secret].join('\n')]);
  });

  it('S9: is a plain file that only its owner may read, and has no name', async () => {
    const { stdout } = await run('stat -L -c "%F %a %h" "$PGPASSFILE"; readlink "$PGPASSFILE"');
    expect(stdout).toMatch(/^regular file 600 0\n\/.* \(deleted\)\n$/);
  });

  it('S9: does not come with the secret in an argument or in the environment', async () => {
    const { stdout } = await run(
      'cat /proc/$$/environ /proc/$$/cmdline /proc/$PPID/environ | tr "\\0" "\\n"',
    );
    expect(stdout).toMatch(/^PGPASSFILE=\/proc\/\d+\/fd\/\d+$/m);
    expect(stdout).not.toContain('canary');
    expect(stdout).not.toContain('PGPASSWORD');
  });

  it('I6: is gone with the child, and gone when jit is killed while the child lives on', async () => {
    const before = findLeftovers();
    const program = startProgram(
      buildExec({ command: 'sh', args: ['-c', 'echo "$PGPASSFILE:$$:"; exec sleep 60'], secret }),
    );
    const [, path = '', pid] = /^(\/proc\/.*):(\d+):$/m.exec(await program.see(/:\d+:/)) ?? [];
    expect(readFileSync(path, 'utf8')).toBe(secret);
    process.kill(program.pid, 'SIGKILL');
    process.kill(Number(pid), 'SIGKILL');
    await program.ended;
    expect(existsSync(path)).toBe(false);
    expect(findLeftovers()).toEqual(before);
  });

  it('S9: may name another secret file, which its reader opens by that name', async () => {
    const order = buildExec({
      command: 'sh',
      args: ['-c', 'cat "$(cat "$JIT_CREDENTIAL_NOTE")"; env'],
      nested: secret,
    });
    const { stdout, exitCode } = await startProgram(order).ended;
    expect([exitCode, stdout.slice(0, secret.length)]).toEqual([0, secret]);
    expect(stdout.slice(secret.length)).not.toContain('canary');
  });

  it.skipIf(!hasPsql())('S9: is accepted by psql itself', async () => {
    await using server = await openPretendPostgres({ columns: ['count'], rows: [['42']] });
    const where = `host=127.0.0.1 port=${server.port} user=jit_x dbname=orders sslmode=disable`;
    const order = {
      command: 'psql',
      args: ['-X', '-At', '-c', 'select count(*)', where],
      secret: '*:*:*:*:from-psql',
    };
    const { stdout, stderr, exitCode } = await startProgram(buildExec(order)).ended;
    expect([exitCode, stdout, stderr]).toEqual([0, '42\n', '']);
    expect(server.passwords).toEqual(['from-psql']);
  });
});

describe.skipIf(process.platform !== 'linux')('where a folder has no room', () => {
  const big = new Secret('x'.repeat(2 * 1024 * 1024));
  const read = (file: OpenSecretFile | undefined): string =>
    file ? readFileSync(file.path, 'utf8') : 'none';

  it.skipIf(!canMountDisk())('S9: the next one has the whole file, and none a part of it', async () => {
    await using disk = await mountSmallDisk(1);
    const places = { platform: 'linux' as const, folders: [disk.folder, tmpdir()] };
    const next = openSecretFile(big, places);
    expect(read(next) === big.reveal()).toBe(true);
    next?.close();
    expect(openSecretFile(big, { ...places, folders: [disk.folder] })).toBeUndefined();
    const fitting = openSecretFile(new Secret(secret), { ...places, folders: [disk.folder] });
    expect(read(fitting)).toBe(secret);
    fitting?.close();
    await disk.fill();
    const moved = openSecretFile(new Secret(secret), places);
    expect(read(moved)).toBe(secret);
    moved?.close();
    expect(readdirSync(disk.folder).filter((name) => name.startsWith('.jit-'))).toEqual([]);
  });

  it.skipIf(!canMountDisk())('that is known beforehand', async () => {
    await using disk = await mountSmallDisk(1);
    const options = { environment: {}, jitPath: '/bin/jit.js', secretFolders: [disk.folder] };
    expect(createProcesses(options).hasSecretFiles).toBe(true);
    await disk.fill();
    expect(createProcesses(options).hasSecretFiles).toBe(false);
    expect(createProcesses(options).expectsSecretFiles).toBe(true);
  });

  it('S9: the other variable is set in the end, and that is said', async () => {
    const args = ['-c', 'echo "$PGPASSWORD|$PGPASSFILE"'];
    const order = { command: 'sh', args, secret, secretFolders: ['/nowhere'] };
    const { stdout, stderr } = await startProgram(buildExec(order)).ended;
    expect([stdout, stderr]).toEqual([`${secret}|\n`, 'exposed in PGPASSWORD\n']);
  });
});

describe('where there is no /proc', () => {
  it('S9: the other variable is set instead', async () => {
    const { stdout, stderr } = await run('echo "$PGPASSWORD|$PGPASSFILE"', 'darwin');
    expect([stdout, stderr]).toEqual([`${secret}|\n`, '']);
  });

  it('S9: what must be a file is not handed over in another way: the child is not started', async () => {
    const order = {
      command: 'sh',
      args: ['-c', 'echo started'],
      nested: secret,
      platform: 'darwin' as const,
    };
    const { stdout, stderr, exitCode } = await startProgram(buildExec(order)).ended;
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain('failed: this credential is a file');
  });

  it('says so beforehand', () => {
    const options = { environment: {}, jitPath: '/bin/jit.js' };
    expect(createProcesses({ ...options, platform: 'darwin' }).hasSecretFiles).toBe(false);
    expect(createProcesses(options).hasSecretFiles).toBe(process.platform === 'linux');
  });
});
