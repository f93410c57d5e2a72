import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { removeSecret, rewriteSecret } from '../support/keyrings/rewritten-secret.ts';
import { collectCanaries, searchFolders } from '../support/programs/canary.ts';
import { type Desk, openDesk } from '../support/programs/desk.ts';
import type { Outcome } from '../support/programs/running-jit.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';
import { hasTmux } from '../support/terminal/tmux.ts';

const READ = ['request', 'prod:api.read', '--on', 'orders-api', '--for', '30m', '--reason', 'INC-4211 slow'];
const PROGRAM = join(import.meta.dirname, '../support/helpers-program.ts');
const KUBERNETES = ['credential', 'kubernetes', '--on', 'orders-api'];

let stage: Stage;
let desk: Desk;
beforeAll(async () => {
  stage = await startStage({ tokenTtl: '2m' });
  desk = await stage.openDesk();
});
afterAll(async () => {
  await desk[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});
afterEach(async () => {
  stage.meddler.relent();
  await desk.run(['done']);
});

/** The token of the grant is over, and the session's as well. */
async function ageAll(): Promise<void> {
  const terms = { expires_at: '2026-01-01T00:00:00Z', bound_to: null };
  await rewriteSecret(desk, { account: /orders-api/, more: { terms } });
  await rewriteSecret(desk, { account: /^session$/, more: { access_expires_at: 0 } });
}

/** How much longer a command takes than a start of jit at this moment, on a machine that does other things too. */
async function measure(args: readonly string[]): Promise<Outcome & { readonly tookMs: number }> {
  const startedAtMs = performance.now();
  await desk.run(['--version']);
  const versionMs = performance.now() - startedAtMs;
  const outcome = await desk.run(args);
  return { ...outcome, tookMs: performance.now() - startedAtMs - 2 * versionMs };
}

/** One process in which jit runs four times at once; the passphrase is in its environment, to be read each time. */
function runFour(args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const { JIT_KEYCHAIN_PASSPHRASE_FD: _, ...others } = desk.environment;
  const env = { ...others, JIT_KEYCHAIN_PASSPHRASE: desk.passphrase };
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, '4', ...args], { env }, (_error, stdout, stderr) =>
      resolve({ stdout, stderr }),
    );
  });
}

const openCopy = (): Promise<Desk> => openDesk({ stage, like: desk });
const readToken = (stdout: string): string => JSON.parse(stdout).status.token;

describe('jit credential', () => {
  it('prints one document, and asks nobody, while the token is good', async () => {
    await desk.run(READ);
    const calls = stage.meddler.seen.length;
    const { exitCode, stdout, stderr } = await desk.run(KUBERNETES);
    expect(JSON.parse(stdout)).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: {
        token: (await desk.run(['token'])).stdout.trim(),
        expirationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      },
    });
    // The token's end, not the grant's.
    const { expirationTimestamp } = JSON.parse(stdout).status;
    expect(Date.parse(expirationTimestamp) - Date.now()).toBeLessThan(3 * 60_000);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stage.meddler.seen).toHaveLength(calls);
  });

  it('S11: a hundred at once, with everything out of date, cause one refresh, one new token and no login', async () => {
    await desk.run(READ);
    await ageAll();
    const calls = stage.meddler.seen.length;
    // 25 processes with four each: a hundred starts would leave other tests no processor.
    const outcomes = await Promise.all(Array.from({ length: 25 }, () => runFour(KUBERNETES)));
    expect(outcomes.filter(({ stderr }) => stderr !== '')).toEqual([]);
    const documents = outcomes.flatMap(({ stdout }) => stdout.trim().split('\n'));
    expect(documents).toHaveLength(100);
    expect(new Set(documents.map(readToken)).size).toBe(1);
    const paths = stage.meddler.seen.slice(calls).map(({ method, path }) => `${method} ${path}`);
    const changing = paths.filter((path) => path.startsWith('POST'));
    expect(changing.map((path) => path.replace(/req_\w+/, 'req'))).toEqual([
      'POST /oauth/token',
      'POST /v1/requests/req/token',
    ]);
  });

  it('I5: leaves no secret on the disk', async () => {
    await desk.run(READ);
    await ageAll();
    await desk.run(KUBERNETES);
    expect(await searchFolders([desk.folder], await collectCanaries(desk, stage))).toEqual([]);
  });

  it('without a grant is 6 within a second, in one line', async () => {
    const { exitCode, stdout, stderr, tookMs } = await measure(KUBERNETES);
    expect(tookMs).toBeLessThan(1_000);
    expect(stderr).toBe('jit: no live grant on orders-api; jit request --last\n');
    expect({ exitCode, stdout }).toEqual({ exitCode: 6, stdout: '' });
  });

  it('without a session, where a new token is needed, names the login and opens nothing (4)', async () => {
    await desk.run(READ);
    await ageAll();
    await using other = await openCopy();
    await removeSecret(other, 'session');
    const { exitCode, stdout, stderr } = await other.run(KUBERNETES);
    expect(stderr).toBe(`jit: you are not logged in to ${stage.url}; jit login ${stage.url}\n`);
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: '' });
  });

  it('without its server serves on while the token is good, and is 8 within a second when it is not', async () => {
    await desk.run(READ);
    await stage.stopServer();
    try {
      expect((await desk.run(KUBERNETES)).exitCode).toBe(0);
      await ageAll();
      const { exitCode, stdout, stderr, tookMs } = await measure(KUBERNETES);
      expect(tookMs).toBeLessThan(1_000);
      expect(stderr).toMatch(/^jit: http\S+ was not reached: .*\n$/);
      expect({ exitCode, stdout }).toEqual({ exitCode: 8, stdout: '' });
    } finally {
      await stage.startServer();
    }
  });

  it('without a passphrase asks nobody for one (4)', async () => {
    await desk.run(READ);
    const { exitCode, stderr } = await desk.run(KUBERNETES, { passphrase: '' });
    expect(stderr).toMatch(/^jit: the file keychain cannot be opened: [^\n]*\n$/);
    expect(exitCode).toBe(4);
  });

  it.skipIf(!hasTmux())(
    'on a terminal asks nobody for a passphrase either, and nor does jit token',
    async () => {
      await desk.run(READ);
      await using terminal = await desk.openTerminal({ environment: { JIT_KEYCHAIN_PASSPHRASE: '' } });
      await terminal.run(`jit ${KUBERNETES.join(' ')}`);
      expect(await terminal.see('exit=')).toContain(
        'jit: the file keychain cannot be opened: its passphrase is missing',
      );
      await terminal.run('clear; jit token; echo both');
      expect(await terminal.see(/^both$/m)).toMatch(
        /✖ the file keychain cannot be opened: its passphrase is missing.*exit=4/s,
      );
    },
  );

  it('aws: prints the keys that the credential has, and says in one line where it has none', async () => {
    await desk.run(READ);
    const { exitCode, stdout, stderr } = await desk.run(['credential', 'aws']);
    expect(stderr).toMatch(/^jit: orders-api does not offer this: AWS keys; [^\n]*\n$/);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    const secrets = { AWS_SECRET_ACCESS_KEY: 'key-1', AWS_SESSION_TOKEN: 'session-1' };
    const credential = {
      environment: { AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE' },
      secret_environment: secrets,
      secret_files: [],
      removes: [],
    };
    await rewriteSecret(desk, { account: /orders-api/, more: { credential } });
    expect(JSON.parse((await desk.run(['credential', 'aws'])).stdout)).toEqual({
      Version: 1,
      AccessKeyId: 'ASIAEXAMPLE',
      SecretAccessKey: 'key-1',
      SessionToken: 'session-1',
      Expiration: (await desk.readJson(['token'])).document.expires_at,
    });
  });
});
