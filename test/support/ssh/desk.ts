import { spawn } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Desk } from '../programs/desk.ts';
import { JIT, type Outcome } from '../programs/running-jit.ts';
import type { TestSshd } from './sshd.ts';

/** A person's machine with ssh set up as docs/targets/ssh.md says: what `jit ssh-config` prints, and `jit` on the PATH. */
export type SshDesk = {
  /** For whatever runs ssh by another way. */
  readonly environment: Readonly<Record<string, string>>;
  /** What a command line for ssh begins with here. */
  readonly options: readonly string[];
  /** `ssh <args>`, without a terminal. */
  ssh(args: readonly string[]): Promise<Outcome>;
};

export async function setUpSsh(desk: Desk, sshd: TestSshd): Promise<SshDesk> {
  const [bin, config, known] = ['bin', 'ssh_config', 'known_hosts'].map((name) => join(desk.folder, name));
  if (!bin || !config || !known) throw new Error('these are three');
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, 'jit'), `#!/bin/sh\nexec '${process.execPath}' '${JIT}' "$@"\n`);
  await chmod(join(bin, 'jit'), 0o755);
  const printed = await desk.run(['ssh-config']);
  if (printed.exitCode !== 0) throw new Error(printed.stderr);
  await writeFile(known, `[127.0.0.*]:${sshd.port} ${sshd.hostKey}\n`);
  await writeFile(config, `${printed.stdout}\nHost *\n  User ${sshd.user}\n  UserKnownHostsFile ${known}\n`);
  const { JIT_KEYCHAIN_PASSPHRASE_FD: _, ...others } = desk.environment;
  // ssh closes every descriptor above 2 in what it runs.
  const environment = {
    ...others,
    PATH: `${bin}:${others.PATH}`,
    JIT_KEYCHAIN_PASSPHRASE: desk.passphrase,
  };
  const options = ['-F', config, '-o', 'BatchMode=yes'];
  return { environment, options, ssh: (args) => run([...options, ...args], environment) };
}

function run(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<Outcome> {
  const child = spawn('ssh', args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ ...said, exitCode: code ?? 255 }));
  });
}
