import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openFileKeychain } from '../../src/adapters/keychain/file.ts';
import type { Keychain } from '../../src/core/ports/keychain.ts';
import { Secret } from '../../src/core/secret.ts';
import { collectCanaries, searchFolders } from '../support/canary.ts';
import { type Desk, openDesk } from '../support/desk.ts';
import type { Outcome } from '../support/running-jit.ts';
import { type Stage, startStage } from '../support/stage.ts';

const READ = ['request', 'prod:api.read', '--on', 'orders-api', '--for', '30m', '--reason', 'INC-4211 slow'];
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

function openKeychain({ folder, passphrase }: Desk): Keychain {
  return openFileKeychain({
    folder: join(folder, 'state', 'keychain', 'items'),
    passphrase: async () => new Secret(passphrase),
    log2Cost: 10,
  });
}

/** Rewrites what the keychain holds, as time would. */
async function age(account: RegExp, more: object): Promise<void> {
  const [found, text] = [...(await desk.listSecrets())].find(([name]) => account.test(name)) ?? ['', ''];
  const secret = new Secret(JSON.stringify({ ...JSON.parse(text), ...more }));
  const service = `jit ${new URL(stage.url).host}`;
  await openKeychain(desk).set({ service, account: found, secret, expiresAt: null });
}

/** The token of the grant is over, and the session's as well. */
async function ageAll(): Promise<void> {
  await age(/orders-api/, { terms: { expires_at: '2026-01-01T00:00:00Z', bound_to: null } });
  await age(/^session$/, { access_expires_at: 0 });
}

/** How much longer a command takes than a start of jit at this moment, on a machine that does other things too. */
async function measure(args: readonly string[]): Promise<Outcome & { readonly tookMs: number }> {
  const startedAtMs = performance.now();
  await desk.run(['--version']);
  const versionMs = performance.now() - startedAtMs;
  const outcome = await desk.run(args);
  return { ...outcome, tookMs: performance.now() - startedAtMs - 2 * versionMs };
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
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => desk.run(KUBERNETES)));
    expect(outcomes.filter(({ exitCode }) => exitCode !== 0)).toEqual([]);
    expect(new Set(outcomes.map(({ stdout }) => readToken(stdout))).size).toBe(1);
    const paths = stage.meddler.seen.slice(calls).map(({ method, path }) => `${method} ${path}`);
    expect(
      paths.filter((path) => path.startsWith('POST')).map((path) => path.replace(/req_\w+/, 'req')),
    ).toEqual(['POST /oauth/token', 'POST /v1/requests/req/token']);
  }, 60_000);

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
    await openKeychain(other).remove({ service: `jit ${new URL(stage.url).host}`, account: 'session' });
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
    expect(stderr).toMatch(/^jit: the file keychain needs its passphrase: [^\n]*\n$/);
    expect(exitCode).toBe(4);
  });

  it('aws: says in one line that a token is nothing for it', async () => {
    await desk.run(READ);
    const { exitCode, stdout, stderr } = await desk.run(['credential', 'aws']);
    expect(stderr).toMatch(/^jit: orders-api does not offer this: AWS keys; [^\n]*\n$/);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  });
});
