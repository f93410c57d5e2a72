import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Desk } from '../support/desk.ts';
import { type SshDesk, setUpSsh } from '../support/ssh-desk.ts';
import { hasSshd, startSshd, type TestSshd } from '../support/sshd.ts';
import { type Stage, startStage } from '../support/stage.ts';
import { until } from '../support/until.ts';

const POLICY = `
@id("ssh") permit (principal in Group::"engineers", action == Action::"activate", resource);
`;
/** Of the target whose certificates are over soon, in seconds. */
const SHORT_SECONDS = 3;

let sshd: TestSshd;
let stage: Stage;
let desk: Desk;
let machine: SshDesk;

const scopes = ['ops', 'other', 'near', 'short']
  .map(
    (name) =>
      `  prod:ssh.${name}: { description: Log in, sensitivity: medium, default: 10m, max: 1h, targets: [${name}] }`,
  )
  .join('\n');

/** One sshd, four targets: they differ in what their certificates say. */
function describeTargets(port: number): string {
  const common = `kind: ssh, audience: "https://web.example.com", port: ${port}`;
  return `  ops: { ${common}, host: 127.0.0.1, principals: { "prod:ssh.ops": [ops, deploy] } }
  other: { ${common}, host: 127.0.0.1, principals: { "prod:ssh.other": [other] } }
  near: { ${common}, host: 127.0.0.1, principals: { "prod:ssh.near": [ops] }, source_address: true }
  short: { ${common}, host: 127.0.0.1, principals: { "prod:ssh.short": [ops] }, certificate_ttl: ${SHORT_SECONDS}s }`;
}

const ask = (target: string, time = '10m'): readonly string[] => {
  return ['request', `prod:ssh.${target}`, '--for', time, '--reason', 'INC-4211 disk is full'];
};

describe.runIf(hasSshd())('ssh to a real sshd', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    sshd = await startSshd(['ops']);
    stage = await startStage({
      policies: { 'ssh.cedar': POLICY },
      more: { scopes, targets: describeTargets(sshd.port) },
    });
    desk = await stage.openDesk();
    machine = await setUpSsh(desk, sshd);
    const authorities = await Promise.all(['ops', 'other', 'near', 'short'].map(readAuthority));
    await sshd.trust(authorities.join(''));
  }, 60_000);
  afterAll(async () => {
    await desk[Symbol.asyncDispose]();
    await stage[Symbol.asyncDispose]();
    await sshd[Symbol.asyncDispose]();
  });
  afterEach(async () => {
    await desk.run(['done']);
  });

  it('connects with a grant, with the certificate of that moment', async () => {
    await desk.run(ask('ops'));
    const { stdout, stderr } = await machine.ssh(['127.0.0.1', 'echo', 'inside']);
    expect(stderr).toBe('');
    expect(stdout).toBe('inside\n');
  });
});

async function readAuthority(target: string): Promise<string> {
  const response = await fetch(`${stage.url}/v1/targets/${target}/ssh-ca`);
  return response.text();
}

void until;
