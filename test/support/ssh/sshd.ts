import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../programs/stage.ts';
import { hasTool } from '../tools.ts';

const SSHD = '/usr/sbin/sshd';
/** Where sshd of a user who is root insists on an empty folder. */
const PRIVILEGE_FOLDER = '/run/sshd';

/** A real sshd on loopback that knows no keys, only whom it trusts. One logs in as whoever runs the tests. */
export type TestSshd = AsyncDisposable & {
  readonly port: number;
  readonly user: string;
  readonly hostKey: string;
  /** The key whose certificates it takes, as jit's server publishes it. */
  trust(authority: string): Promise<void>;
  readonly log: () => string;
};

export function hasSshd(): boolean {
  return hasTool(['test', '-x', SSHD], 'sshd') && hasTool(['ssh', '-V'], 'ssh');
}

/** `principals`: who a certificate must name. Nothing is trusted before `trust`. */
export async function startSshd(principals: readonly string[]): Promise<TestSshd> {
  const folder = await mkdtemp(join(tmpdir(), 'jit-test-sshd-'));
  const port = await findFreePort();
  await preparePrivilegeFolder();
  const trusted = join(folder, 'trusted.pub');
  await writeFile(trusted, '');
  await writeFile(join(folder, 'principals'), `${principals.join('\n')}\n`);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'host')]);
  await writeFile(join(folder, 'sshd_config'), describe(folder, port));
  const sshd = spawn(SSHD, ['-D', '-e', '-f', join(folder, 'sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  sshd.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const ended = new Promise<void>((resolve) => sshd.once('close', () => resolve()));
  await listening(sshd, () => log);
  return {
    port,
    user: userInfo().username,
    hostKey: execFileSync('ssh-keygen', ['-y', '-f', join(folder, 'host')], { encoding: 'utf8' }).trim(),
    trust: (authority) => writeFile(trusted, authority),
    log: () => log,
    [Symbol.asyncDispose]: async () => {
      sshd.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** It stays: another sshd may be using it, and the system's own expects it as well. */
async function preparePrivilegeFolder(): Promise<void> {
  if (userInfo().uid === 0) await mkdir(PRIVILEGE_FOLDER, { recursive: true, mode: 0o755 });
}

/** SHLVL: to bash a shell within a shell, so that it reads no `~/.bashrc` of whoever runs the tests, which may print. */
function describe(folder: string, port: number): string {
  return `${[1, 2, 3, 4].map((last) => `ListenAddress 127.0.0.${last}:${port}\n`).join('')}HostKey ${folder}/host
PidFile none
StrictModes no
UsePAM no
TrustedUserCAKeys ${folder}/trusted.pub
AuthorizedPrincipalsFile ${folder}/principals
AuthorizedKeysFile none
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
PrintMotd no
PrintLastLog no
SetEnv SHLVL=1
LogLevel VERBOSE
`;
}

function listening(sshd: ChildProcess, log: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    sshd.stderr?.on('data', () => {
      if (log().includes('Server listening on')) resolve();
    });
    sshd.once('close', () => reject(new Error(`sshd did not start:\n${log()}`)));
  });
}
