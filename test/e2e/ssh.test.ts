import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Desk } from '../support/programs/desk.ts';
import type { Outcome } from '../support/programs/running-jit.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';
import { type ReadCertificate, readCertificate } from '../support/ssh/certificate.ts';
import { type SshDesk, setUpSsh } from '../support/ssh/desk.ts';
import { hasSshd, startSshd, type TestSshd } from '../support/ssh/sshd.ts';
import { describeSshTargets, SHORT_SECONDS, SSH_HOSTS, type SshHostName } from '../support/ssh/stage.ts';
import { until } from '../support/until.ts';

let sshd: TestSshd;
let stage: Stage;
let desk: Desk;
let machine: SshDesk;

const ask = (target: SshHostName, time = '10m') =>
  desk.readJson(['request', `prod:ssh.${target}`, '--for', time, '--reason', 'INC-4211 disk is full']);
const connect = (target: SshHostName, ...options: readonly string[]): Promise<Outcome> =>
  machine.ssh([...options, SSH_HOSTS[target], 'echo', 'inside']);
const isInside = async (outcome: Promise<Outcome>): Promise<boolean> => (await outcome).stdout === 'inside\n';

function folder(): string {
  return join(desk.environment.JIT_STATE_DIR ?? '', 'ssh');
}

function certificatePath(target: SshHostName): string {
  return join(folder(), new URL(stage.url).host.replace(':', '_'), `${target}-cert.pub`);
}

async function readNewest(target: SshHostName): Promise<ReadCertificate> {
  return readCertificate(await readFile(certificatePath(target), 'utf8'));
}

/** Connects with what is on disk, and asks nobody for another. */
function connectWithout(target: SshHostName): Promise<boolean> {
  const own = ['-i', join(folder(), 'id_ed25519'), '-o', `CertificateFile=${certificatePath(target)}`];
  const [, , ...others] = machine.options;
  const known = ['-o', `UserKnownHostsFile=${join(desk.folder, 'known_hosts')}`, '-l', sshd.user];
  return isInside(
    machine.ssh([
      ...['-F', 'none'],
      ...others,
      ...own,
      ...known,
      '-p',
      `${sshd.port}`,
      SSH_HOSTS[target],
      'echo inside',
    ]),
  );
}

async function readAuthority(target: string): Promise<string> {
  return (await fetch(`${stage.url}/v1/targets/${target}/ssh-ca`)).text();
}

describe.runIf(hasSshd())('ssh to a real sshd', () => {
  beforeAll(async () => {
    sshd = await startSshd(['ops']);
    stage = await startStage(describeSshTargets(sshd.port));
    desk = await stage.openDesk();
    machine = await setUpSsh(desk, sshd);
    await sshd.trust((await Promise.all(Object.keys(SSH_HOSTS).map(readAuthority))).join(''));
  });
  afterAll(async () => {
    await desk[Symbol.asyncDispose]();
    await stage[Symbol.asyncDispose]();
    await sshd[Symbol.asyncDispose]();
  });
  afterEach(async () => {
    await desk.run(['done']);
  });

  it('is refused without a grant, with one line that says what to type', async () => {
    const { exitCode, stderr } = await connect('ops');
    expect(exitCode).toBe(255);
    expect(stderr).toMatch(/^jit: you hold no live grant on ops: jit request --on ops\n.*Permission denied/);
  });

  it('connects with a grant, each time with a certificate of two minutes at most', async () => {
    const { document } = await ask('ops');
    expect(await connect('ops')).toEqual({ exitCode: 0, stdout: 'inside\n', stderr: '' });
    const first = await readNewest('ops');
    const now = Date.now() / 1000;
    expect(first.validBefore - now).toBeLessThanOrEqual(120);
    expect(first.validBefore - first.validAfter).toBeLessThanOrEqual(150);
    expect(first).toMatchObject({ principals: ['ops', 'deploy'], extensions: ['permit-pty'] });
    expect(first.keyId).toBe(`${document.grant?.id} dev`);
    expect(sshd.log()).toContain(`ID ${first.keyId} (serial ${first.serial})`);
    expect(await isInside(connect('ops'))).toBe(true);
    expect((await readNewest('ops')).serial).not.toBe(first.serial);
  });

  it('connects under jit exec, where nobody can be asked for the passphrase any more', async () => {
    await ask('ops');
    const words = ['ssh', ...machine.options, SSH_HOSTS.ops, 'echo inside'];
    const { stdout, stderr } = await desk.run(['exec', '--', ...words], machine);
    expect(stderr).toBe('');
    expect(stdout).toBe('inside\n');
  });

  it('connects six times at once', async () => {
    await ask('ops');
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => connect('ops')));
    expect(outcomes.map(({ stdout, stderr }) => stdout + stderr)).toEqual(Array(6).fill('inside\n'));
  });

  it('is refused where the sshd knows no principal of the grant', async () => {
    await ask('other');
    const { exitCode, stderr } = await connect('other');
    expect(stderr).not.toContain('jit:');
    expect(exitCode).toBe(255);
    expect((await readNewest('other')).principals).toEqual(['other']);
    expect(sshd.log()).toContain('Certificate does not contain an authorized principal');
  });

  it('is refused from another address than it was asked for from, where the target wants that', async () => {
    await ask('near');
    expect(await isInside(connect('near', '-b', '127.0.0.1'))).toBe(true);
    expect((await readNewest('near')).criticalOptions.get('source-address')).toBe('127.0.0.1');
    expect(await isInside(connect('near', '-b', '127.0.0.9'))).toBe(false);
    expect(sshd.log()).toContain('not from a permitted source address (127.0.0.9)');
  });

  it('ends with the grant: no certificate is good beyond it', async () => {
    const { document } = await ask('ops', '6s');
    expect(await isInside(connect('ops'))).toBe(true);
    const endsAt = Date.parse(document.grant?.expires_at ?? '');
    expect((await readNewest('ops')).validBefore * 1000).toBeLessThanOrEqual(endsAt);
    await until('refused', async () => !(await connectWithout('ops')), 15_000);
    expect(await isInside(connect('ops'))).toBe(false);
  });

  it('is refused once the grant was given back, with what was signed before within its time, and all of it is said', async () => {
    const { document } = await ask('short');
    expect(await isInside(connect('short'))).toBe(true);
    const { validBefore } = await readNewest('short');
    const { exitCode, stderr } = await desk.run(['done']);
    expect(stderr).toMatch(/✔ token revoked … no new connection after \S+ \(\d s\); what is open stays/);
    expect(exitCode).toBe(7);
    expect(await isInside(connect('short'))).toBe(false);
    const status = await desk.run(['status']);
    await until('refused', async () => !(await connectWithout('short')), 15_000);
    expect(Date.now() / 1000).toBeLessThan(validBefore + 5);
    expect(validBefore - Date.now() / 1000).toBeLessThanOrEqual(SHORT_SECONDS);
    if (Date.now() / 1000 < validBefore) expect(status.stdout).toContain('no new connection after');
    const ended = await until('ended', async () => {
      const { document: now } = await desk.readJson(['history']);
      return now.grants?.find(({ id, state }) => id === document.grant?.id && state === 'ended');
    });
    expect(ended.revocation).toMatchObject({ confirmed: true, token: 'revoked', target: 'gone' });
  });

  it('says when nothing was signed for two minutes that no new connection is possible', async () => {
    const { document } = await ask('ops');
    const { exitCode, stderr } = await desk.run(['done', document.grant?.id ?? '']);
    expect(stderr).toMatch(/✔ token revoked ✔ no new connection; what is open stays/);
    expect(exitCode).toBe(0);
  });

  it('I5: keeps the private key for its owner alone, and shows it to nobody', async () => {
    const key = await readFile(join(folder(), 'id_ed25519'), 'utf8');
    expect((await stat(join(folder(), 'id_ed25519'))).mode & 0o777).toBe(0o600);
    expect((await stat(folder())).mode & 0o777).toBe(0o700);
    await ask('ops');
    const { stdout } = await desk.run(['ssh-cert', '--on', 'ops', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ target: 'ops', key_file: join(folder(), 'id_ed25519') });
    const said =
      stdout + (await desk.run(['ssh-config'])).stdout + (await readFile(certificatePath('ops'), 'utf8'));
    expect(key.split('\n').filter((line) => line.length > 20 && said.includes(line))).toEqual([]);
  });
});
