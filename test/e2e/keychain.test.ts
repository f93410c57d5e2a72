import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  findKeyringObstacle,
  type Keyring,
  startHangingBus,
  startKeyring,
  startLockedKeyring,
  startSessionWithoutKeyring,
} from '../support/keyrings/keyring.ts';
import { listKeyringItems } from '../support/keyrings/keyring-items.ts';
import { listProcesses } from '../support/programs/canary.ts';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';

const obstacle = findKeyringObstacle();
const ask = (time: string): readonly string[] => {
  return [
    'request',
    'prod:api.read',
    '--on',
    'orders-api',
    '--for',
    time,
    '--reason',
    'INC-4211 slow checkout',
  ];
};

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

/** A desk on a desktop of its own: nothing of the file keychain, the bus is all it gets. */
function openDesktop({ environment }: Pick<Keyring, 'environment'>): Promise<Desk> {
  return stage.openDesk({ user: null, environment: { ...environment, JIT_KEYCHAIN: 'os' } });
}

describe.skipIf(obstacle !== undefined)('a real desktop keychain', () => {
  let keyring: Keyring;
  let desk: Desk;
  let service: string;

  beforeAll(async () => {
    keyring = await startKeyring();
    desk = await openDesktop(keyring);
    service = `jit ${new URL(stage.url).host}`;
    await desk.login('eva');
  });
  afterAll(async () => {
    await desk[Symbol.asyncDispose]();
    await keyring.stop();
  });
  afterEach(async () => {
    await desk.run(['done']);
  });

  const listItems = (): Promise<readonly string[]> => listKeyringItems(keyring);

  async function findReaper(): Promise<number | undefined> {
    const mine = `JIT_STATE_DIR=${desk.folder}`;
    const found = (await listProcesses()).find(
      ({ commandLine, environment }) => commandLine.includes(' __reap') && environment.includes(mine),
    );
    return found?.pid;
  }

  it('holds the session and one item a grant, named in words, until the grant is done', async () => {
    expect(await listItems()).toEqual([`${service} / session`]);
    const { document } = await desk.readJson(ask('30m'));
    expect(await listItems()).toEqual([
      `${service} / prod:api.read on orders-api (${document.grant?.id})`,
      `${service} / session`,
    ]);
    const { stdout } = await desk.run(['exec', '--', 'sh', '-c', 'echo $JIT_GRANT_ID']);
    expect(stdout.trim()).toBe(document.grant?.id);
    expect((await desk.run(['done'])).stderr).toContain('✔ removed from the keychain');
    expect(await listItems()).toEqual([`${service} / session`]);
  });

  it('is cleared of a grant whose time is over, without anybody calling jit', async () => {
    await desk.run(ask('3s'));
    expect(await listItems()).toHaveLength(2);
    await expect.poll(listItems, { timeout: 15_000, interval: 100 }).toEqual([`${service} / session`]);
  });

  it('loses nothing when the reaper is killed: the next call removes what is over', async () => {
    const { document } = await desk.readJson(ask('6s'));
    const endsAt = Date.parse(document.grant?.expires_at ?? '');
    let reaper: number | undefined;
    await expect
      .poll(
        async () => {
          reaper = await findReaper();
          return reaper;
        },
        { timeout: 6_000, interval: 20 },
      )
      .toBeDefined();
    process.kill(reaper ?? 0, 'SIGKILL');
    await expect.poll(() => Date.now() > endsAt + 1_000, { timeout: 15_000, interval: 50 }).toBe(true);
    expect(await listItems()).toHaveLength(2);
    expect(await desk.run(['status', '--offline'])).toMatchObject({ exitCode: 0 });
    expect(await listItems()).toEqual([`${service} / session`]);
  });

  it('has one reaper, which is gone when nothing is left', async () => {
    await Promise.all([desk.run(ask('30m')), desk.run(ask('30m')), desk.run(ask('30m'))]);
    await desk.run(['done']);
    await expect.poll(findReaper, { timeout: 15_000, interval: 100 }).toBeUndefined();
  });

  it('S14: locked meanwhile is 4 within 4 s and says so, and nothing in it is lost', async () => {
    await desk.run(ask('30m'));
    await keyring.lock();
    for (const args of [['exec', '--', 'true'], ['whoami'], ['token']]) {
      const startedAtMs = performance.now();
      const { stderr, exitCode } = await desk.run(args);
      expect(performance.now() - startedAtMs).toBeLessThan(4_000);
      expect(stderr).toContain('✖ the keychain is locked');
      expect(exitCode).toBe(args[0] === 'exec' ? 125 : 4);
    }
    const { stderr, stdout, exitCode } = await desk.run(['credential', 'kubernetes']);
    expect(stderr).toMatch(/^jit: the keychain is locked: [^\n]*\n$/);
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: '' });
    expect(await listItems()).toHaveLength(2);
    await desk.run(['status', '--offline']).then(({ stdout }) => expect(stdout).toContain('active'));
  });
});

describe.skipIf(obstacle !== undefined)('S14: a keychain that cannot be used', () => {
  let desktop: Pick<Keyring, 'environment' | 'stop'>;
  let desk: Desk;
  afterEach(async () => {
    await desk[Symbol.asyncDispose]();
    await desktop.stop();
  });

  it.each([
    ['locked', startLockedKeyring, 'keychain_locked'],
    ['missing', startSessionWithoutKeyring, 'keychain_missing'],
    ['hanging', startHangingBus, 'keychain_hanging'],
  ])('%s is 4 within 4 s, before anybody confirms a code', async (_how, start, code) => {
    desktop = await start();
    desk = await openDesktop(desktop);
    const calls = stage.meddler.seen.length;
    const startedAtMs = performance.now();
    const { exitCode, document, stderr } = await desk.readJson(['login', '--no-open']);
    expect(performance.now() - startedAtMs).toBeLessThan(4_000);
    expect(document.error).toMatchObject({ code, hint: expect.stringContaining('JIT_KEYCHAIN=file') });
    expect(stderr).not.toContain('address');
    expect(exitCode).toBe(4);
    expect(stage.meddler.seen).toHaveLength(calls);
    const mine = (await listProcesses()).filter(({ environment }) => environment.includes(desk.folder));
    expect(mine).toEqual([]);
  });
});
