import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findKeyringObstacle, type Keyring, startKeyring } from '../support/keyrings/keyring.ts';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';
import { type SshDesk, setUpSsh } from '../support/ssh/desk.ts';
import { hasSshd, startSshd, type TestSshd } from '../support/ssh/sshd.ts';
import { describeSshTargets, SSH_HOSTS } from '../support/ssh/stage.ts';

let sshd: TestSshd;
let stage: Stage;
let desk: Desk;
let machine: SshDesk;

const obstacle = hasSshd() ? findKeyringObstacle() : 'no sshd';

describe.runIf(obstacle === undefined)('ssh under jit exec', () => {
  let keyring: Keyring;
  beforeAll(async () => {
    sshd = await startSshd(['ops']);
    stage = await startStage(describeSshTargets(sshd.port));
    keyring = await startKeyring();
    desk = await stage.openDesk({ user: null, environment: { ...keyring.environment, JIT_KEYCHAIN: 'os' } });
    await desk.login('eva');
    machine = await setUpSsh(desk, sshd);
    await sshd.trust(await (await fetch(`${stage.url}/v1/targets/ops/ssh-ca`)).text());
  });
  afterAll(async () => {
    await desk[Symbol.asyncDispose]();
    await keyring.stop();
    await stage[Symbol.asyncDispose]();
    await sshd[Symbol.asyncDispose]();
  });

  it('is asked for, connects, and is given back with the command', async () => {
    const asking = ['--scope', 'prod:ssh.ops', '--for', '10m', '--reason', 'INC-4211 disk is full'];
    const told = 'printenv JIT_SSH_HOST JIT_SSH_PORT JIT_SSH_PRINCIPALS; exec "$@"';
    const words = ['sh', '-c', told, 'sh', 'ssh', ...machine.options, SSH_HOSTS.ops, 'echo inside'];
    const { stdout, stderr, exitCode } = await desk.run(['exec', ...asking, '--', ...words], machine);
    expect(stdout).toBe(`${SSH_HOSTS.ops}\n${sshd.port}\nops deploy\ninside\n`);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/jit: no new connection after .*; what is open stays/);
    expect((await desk.run(['status'])).stdout).toMatch(/revoking.*no new connection after/s);
    expect((await machine.ssh([SSH_HOSTS.ops, 'true'])).exitCode === 0).toBe(false);
  });

  it('ends an open session with the grant: what nothing else does', async () => {
    const asking = ['--scope', 'prod:ssh.ops', '--for', '5s', '--reason', 'INC-4211 disk is full'];
    const words = ['ssh', ...machine.options, SSH_HOSTS.ops, 'echo open; while echo; do sleep 0.2; done'];
    const startedAt = performance.now();
    const running = desk.start(['exec', ...asking, '--', ...words], machine);
    await running.says(/open/);
    const { exitCode, stderr } = await running.ended;
    expect(stderr).toContain('access has ended');
    expect(exitCode).not.toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(30_000);
  });
});
