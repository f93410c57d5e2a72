import { execFile, execFileSync } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Desk } from '../support/programs/desk.ts';
import { JIT } from '../support/programs/running-jit.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';

let stage: Stage;
let desk: Desk;
let environment: Readonly<Record<string, string>>;
let grantId: string;
let requestId: string;

beforeAll(async () => {
  stage = await startStage();
  desk = await stage.openDesk();
  const reason = ['--reason', 'INC-4211 slow checkout'];
  const { document: granted } = await desk.readJson([
    'request',
    'prod:api.read',
    '--on',
    'orders-api',
    ...reason,
  ]);
  const { document: asked } = await desk.readJson(['request', 'prod:db.write', '--no-wait', ...reason]);
  grantId = granted.grant?.id ?? '';
  requestId = asked.request?.id ?? '';
  environment = await putOnPath();
});
afterAll(async () => {
  await desk[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

/** The completion scripts call `jit` by its name. */
async function putOnPath(): Promise<Readonly<Record<string, string>>> {
  const bin = join(desk.folder, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'jit'), `#!/bin/sh\nexec '${process.execPath}' '${JIT}' "$@"\n`);
  await chmod(join(bin, 'jit'), 0o755);
  return { ...desk.environment, PATH: `${bin}:${desk.environment.PATH}` };
}

function hasShell(name: string): boolean {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (process.env.JIT_TEST_NO_SKIP === '1' && name === 'bash') throw error;
    console.warn(`skipped: ${name} is missing, so its completion is not tried`);
    return false;
  }
}

function runIn(shell: string, script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(shell, ['-c', script], { env: environment, cwd: desk.folder }, (error, stdout, stderr) =>
      error ? reject(new Error(`${error.message}\n${stderr}`)) : resolve(stdout),
    );
  });
}

/** What bash would offer at the end of this line. */
async function completeInBash(line: string): Promise<readonly string[]> {
  const script = `
    source <(jit completion bash)
    function="$(complete -p jit)"; function="\${function##*-F }"; function="\${function%% *}"
    COMP_LINE=${JSON.stringify(line)} COMP_POINT=\${#COMP_LINE}
    "$function"
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  return (await runIn('bash', script)).split('\n').filter(Boolean);
}

const DURATIONS = ['15m', '30m', '1h', '2h', '4h'];

describe.skipIf(!hasShell('bash'))('completion in bash', () => {
  it.each<readonly [string, () => readonly string[]]>([
    ['jit sta', () => ['status']],
    ['jit request ', () => ['prod:api.read', 'prod:db.read', 'prod:db.write']],
    // A colon ends a word in bash: what stands before it is not repeated.
    ['jit request prod:d', () => ['db.read', 'db.write']],
    ['jit request prod:db.write --on ', () => ['orders-api']],
    ['jit request --on b', () => ['billing-api']],
    ['jit exec --on ', () => ['orders-api', 'billing-api']],
    ['jit request --for ', () => DURATIONS],
    ['jit request --rea', () => ['--reason']],
    ['jit request --reason ', () => []],
    ['jit done ', () => [grantId]],
    ['jit extend gr_', () => [grantId]],
    ['jit wait ', () => [requestId]],
    ['jit cancel req', () => [requestId]],
    ['jit completion ', () => ['bash', 'zsh', 'fish']],
    ['jit credential ', () => ['kubernetes', 'aws']],
    ['jit credential kubernetes --on b', () => ['billing-api']],
    ['jit request --la', () => ['--last']],
    ['jit config keychain ', () => ['os', 'file']],
    ['jit config notify ', () => ['on', 'off']],
    ['jit revoke --target billing', () => ['billing-api']],
    ['jit status --profile ', () => ['default']],
    ['jit exec -- ps', () => []],
  ])('of "%s"', async (line, expected) => {
    expect(await completeInBash(line)).toEqual(expected());
  });

  it('offers commands and no hidden ones', async () => {
    const offered = await completeInBash('jit ');
    expect(offered).toEqual(expect.arrayContaining(['login', 'request', 'exec', 'done', 'doctor']));
    expect(offered.filter((name) => name.startsWith('_'))).toEqual([]);
  });

  it('asks no server and needs no passphrase', async () => {
    const calls = stage.meddler.seen.length;
    await completeInBash('jit request ');
    expect(stage.meddler.seen).toHaveLength(calls);
  });
});

describe.skipIf(!hasShell('zsh'))('completion in zsh', () => {
  it('is a script that zsh takes', async () => {
    expect(
      await runIn(
        'zsh',
        'autoload -U compinit; compinit -D; source <(jit completion zsh); echo $+functions[_jit_complete]',
      ),
    ).toBe('1\n');
  });
});

describe.skipIf(!hasShell('fish'))('completion in fish', () => {
  it('offers what jit knows', async () => {
    expect(await runIn('fish', 'jit completion fish | source; complete -C "jit request prod:d"')).toBe(
      'prod:db.read\nprod:db.write\n',
    );
  });
});

describe('a shell that jit does not know', () => {
  it('is 2 and names those it does', async () => {
    const { exitCode, stderr } = await desk.run(['completion', 'tcsh']);
    expect(stderr).toContain('bash, zsh, fish');
    expect(exitCode).toBe(2);
  });
});
