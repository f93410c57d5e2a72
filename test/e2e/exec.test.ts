import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';

const REASON = ['--reason', 'INC-4211 slow checkout'];
const ask = (target: string, time: string): readonly string[] => {
  return ['request', 'prod:api.read', '--on', target, '--for', time, ...REASON];
};

let stage: Stage;
let desk: Desk;

beforeAll(async () => {
  stage = await startStage();
  desk = await stage.openDesk();
});
afterAll(async () => {
  await desk[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

async function listHeld(): Promise<readonly string[]> {
  const { document } = await desk.readJson(['status']);
  return (document.grants ?? []).map((grant) => grant.target);
}

describe('the exit code of jit exec', () => {
  beforeAll(async () => {
    await desk.run(ask('orders-api', '30m'));
  });
  afterAll(async () => {
    await desk.run(['done']);
  });

  it.each([
    ['the child’s own', ['sh', '-c', 'exit 7'], 7],
    ['128+n when a signal ended the child', ['sh', '-c', 'kill -USR1 $$'], 138],
    ['127 for a command that is not there', ['no-such-command'], 127],
  ])('is %s', async (_what, command, exitCode) => {
    expect(await desk.run(['exec', '--', ...command])).toMatchObject({ exitCode });
  });

  it('is 126 for a file that may not be executed', async () => {
    const path = join(desk.folder, 'no-program');
    await writeFile(path, '#!/bin/sh\n');
    await chmod(path, 0o644);
    const { exitCode, stderr } = await desk.run(['exec', '--', path]);
    expect(stderr).toContain(path);
    expect(exitCode).toBe(126);
  });

  it('is 125 for what is jit’s own, with the code in the document', async () => {
    const { exitCode, stdout } = await desk.run(['exec', '--json', '--on', 'billing-api', '--', 'true']);
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        code: 'no_grant',
        message: expect.stringContaining('no live grant on billing-api; you hold'),
        hint: 'jit request --on billing-api',
      },
    });
    expect(exitCode).toBe(125);
  });

  it('is 125 where nothing is said to run', async () => {
    expect(await desk.run(['exec'])).toMatchObject({ exitCode: 125 });
  });

  it('is the child’s when a signal was for the child: jit passes it on', async () => {
    const child = desk.start([
      'exec',
      '--',
      'sh',
      '-c',
      "trap 'exit 42' TERM; echo ready; while :; do sleep 0.05; done",
    ]);
    await child.says(/ready/);
    child.kill('SIGTERM');
    expect(await child.ended).toMatchObject({ exitCode: 42, stderr: '' });
  });
});

describe('what the child of jit exec sees', () => {
  afterEach(async () => {
    await desk.run(['done']);
  });

  it('is which grant, for what, where and until when, and the token', async () => {
    const { document } = await desk.readJson(ask('orders-api', '30m'));
    const { stdout } = await desk.run(['exec', '--', 'env']);
    const token = (await desk.run(['token'])).stdout.trim();
    expect(
      stdout
        .split('\n')
        .filter((line) => /^JIT_(GRANT|SCOPES|TARGET|EXPIRES|TOKEN)/.test(line))
        .sort(),
    ).toEqual([
      `JIT_EXPIRES_AT=${document.grant?.expires_at}`,
      `JIT_GRANT_ID=${document.grant?.id}`,
      'JIT_SCOPES=prod:api.read',
      'JIT_TARGET=orders-api',
      `JIT_TOKEN=${token}`,
    ]);
  });

  it('I5: is nothing of what jit was told for itself', async () => {
    await desk.run(ask('orders-api', '30m'));
    const { stdout } = await desk.run(['exec', '--', 'env'], {
      environment: { JIT_KEYCHAIN_PASSPHRASE: desk.passphrase, JIT_TOKEN: 'an older one' },
    });
    expect(stdout).not.toContain(desk.passphrase);
    expect(stdout).not.toContain('an older one');
    expect(stdout).not.toContain('PASSPHRASE');
  });
});

describe('jit exec --for', () => {
  const exec = ['exec', '--scope', 'prod:api.read', '--on', 'orders-api', '--for', '5m', ...REASON];
  afterEach(async () => {
    await desk.run(['done']);
  });

  it('asks first and gives back when the command ends, whatever its code', async () => {
    const { exitCode, stderr, stdout } = await desk.run([
      ...exec,
      '--',
      'sh',
      '-c',
      'echo $JIT_TARGET; exit 3',
    ]);
    expect(stdout).toBe('orders-api\n');
    expect(stderr).toContain('✔ approved by rule api-reads-are-automatic');
    expect(exitCode).toBe(3);
    expect(await listHeld()).toEqual([]);
  });

  it('gives back also when the command never began', async () => {
    expect(await desk.run([...exec, '--', 'no-such-command'])).toMatchObject({ exitCode: 127 });
    expect(await listHeld()).toEqual([]);
  });

  it('gives back when a signal ends the command', async () => {
    const child = desk.start([...exec, '--', 'sh', '-c', 'echo ready; exec sleep 60']);
    await child.says(/ready/);
    child.kill('SIGTERM');
    expect(await child.ended).toMatchObject({ exitCode: 143 });
    expect(await listHeld()).toEqual([]);
  });

  it('keeps the grant with --keep', async () => {
    expect(await desk.run([...exec, '--keep', '--', 'true'])).toMatchObject({ exitCode: 0 });
    expect(await listHeld()).toEqual(['orders-api']);
  });

  it('is 125 with the reasons where it is denied', async () => {
    const denied = [
      'exec',
      '--json',
      '--scope',
      'prod:db.read',
      '--on',
      'orders-api',
      '--for',
      '3h',
      ...REASON,
    ];
    const { exitCode, stdout } = await desk.run([...denied, '--', 'true']);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'denied', message: expect.stringContaining('reads-are-automatic') },
    });
    expect(exitCode).toBe(125);
  });

  it('warns and keeps the child’s code where giving back fails', async () => {
    const child = desk.start([...exec, '--', 'sh', '-c', 'echo ready; read line || sleep 1; exit 5']);
    await child.says(/ready/);
    stage.meddler.meddle(({ path }) => (path.includes('/revoke') ? '{"nonsense": true}' : undefined));
    const { exitCode, stderr } = await child.ended;
    stage.meddler.relent();
    expect(stderr).toContain('jit: giving back failed:');
    expect(stderr).toContain('jit done tries again');
    expect(exitCode).toBe(5);
  });
});

describe.concurrent('the end of a grant while its command runs', () => {
  it('ends a command that listens with SIGTERM: 143', async () => {
    await using machine = await stage.openDesk({ user: 'eva' });
    await machine.run(ask('orders-api', '5s'));
    const { exitCode, stderr } = await machine.run(['exec', '--', 'sleep', '60']);
    expect(stderr).toBe('jit: access has ended; the command is being stopped\n');
    expect(exitCode).toBe(143);
  });

  it('ends one that does not listen with SIGKILL 5 s later: 137', async () => {
    await using machine = await stage.openDesk({ user: 'dba-lead' });
    await machine.run(ask('billing-api', '5s'));
    const stubborn = "trap '' TERM; while :; do sleep 0.1; done";
    const startedAtMs = performance.now();
    const { exitCode } = await machine.run(['exec', '--', 'sh', '-c', stubborn]);
    expect(exitCode).toBe(137);
    expect(performance.now() - startedAtMs).toBeGreaterThan(5_000);
  });

  it('is warned of, and moves where the grant is extended meanwhile', async () => {
    // Warned of ten seconds before the end; the rest is for a slow machine to get there.
    await desk.run(ask('billing-api', '15s'));
    const child = desk.start(['exec', '--on', 'billing-api', '--', 'sleep', '17']);
    await child.says(/^jit: access ends at \d\d:\d\d \(\d+ s\); jit extend --for 30m asks for more$/m);
    expect((await desk.run(['extend', '--for', '30m'])).exitCode).toBe(0);
    const { exitCode, stderr } = await child.ended;
    expect(stderr).not.toContain('has ended');
    expect(exitCode).toBe(0);
    await desk.run(['done']);
  });
});
