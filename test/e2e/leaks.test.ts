import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildQuery } from '../support/processes/query.ts';
import {
  type Canaries,
  collectCanaries,
  listCanaries,
  listProcesses,
  searchFolders,
} from '../support/programs/canary.ts';
import type { Desk } from '../support/programs/desk.ts';
import type { RunningJit } from '../support/programs/running-jit.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';

const REASON = ['--for', '30m', '--reason', 'INC-4211 slow checkout'];

const stage: Stage = await startStage({ withDatabase: true });
let desk: Desk;
let canaries: Canaries;
let held: readonly RunningJit[];

/** Everything that jit and its target write to, on either side. */
const listFolders = (): readonly string[] => [
  desk.folder,
  stage.folder,
  ...(stage.database ? [stage.database.folder] : []),
];

beforeAll(async () => {
  if (!stage.database) return;
  desk = await stage.openDesk({ user: null });
  await desk.login();
  await desk.run(['request', 'prod:api.read', '--on', 'orders-api', ...REASON]);
  await desk.run(['request', 'prod:db.read', '--on', 'orders', ...REASON]);
  await desk.run(['exec', '--on', 'orders', '--', ...buildQuery('select count(*) from orders')]);
  await desk.run([
    'extend',
    '--for',
    '45m',
    (await desk.readJson(['status'])).document.grants?.[0]?.id ?? '',
  ]);
  canaries = await collectCanaries(desk, stage);
  const work = ['sh', '-c', 'echo ready; exec sleep 60'];
  held = ['orders', 'orders-api'].map((target) => desk.start(['exec', '--on', target, '--', ...work]));
  for (const child of held) await child.says(/ready/);
});
afterAll(async () => {
  await desk?.[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

describe.skipIf(!stage.database)('I5: after the whole story, while everything runs', () => {
  it('the canaries are all there to be found', async () => {
    const kinds = [...canaries.keys()].map((name) => name.replace(/ of .*/, ''));
    expect(new Set(kinds)).toEqual(
      new Set([
        'the passphrase',
        'the secret',
        'the admin password',
        'access_token',
        'refresh_token',
        'device_code',
        'id_token',
        'token',
        'd',
        'content',
        'value',
      ]),
    );
    await writeFile(join(desk.folder, 'home', 'spilled'), [...canaries.values()].join('\n'));
    expect(await searchFolders([desk.folder], canaries)).toHaveLength(canaries.size);
    await writeFile(join(desk.folder, 'home', 'spilled'), '');
  });

  it('no file of either side has one in it', async () => {
    expect(await searchFolders(listFolders(), canaries)).toEqual([]);
  });

  it('the PIN is in no file', async () => {
    const pins = new Map([` ${stage.pin}`, `"${stage.pin}`, `=${stage.pin}`].map((text) => [text, text]));
    expect(await searchFolders(listFolders(), pins)).toEqual([]);
  });

  it('no process has one in its command line', async () => {
    const processes = await listProcesses();
    expect(processes.length).toBeGreaterThan(2);
    for (const { commandLine } of processes)
      expect(listCanaries(Buffer.from(commandLine), canaries)).toEqual([]);
  });

  it('no process has one in its environment but the server, which was given two, and the child of the token', async () => {
    const found = (await listProcesses()).flatMap(({ environment, commandLine }) =>
      listCanaries(Buffer.from(environment), canaries).map((name) => ({ name, commandLine })),
    );
    const token = [...canaries.keys()].find((name) => /^token of prod:api\.read/.test(name));
    const allowed = found.filter(
      ({ name, commandLine }) =>
        (/jit\.js server/.test(commandLine) && /^the (secret|admin)/.test(name)) ||
        (/^sleep 60/.test(commandLine) && canaries.get(name) === canaries.get(token ?? '')),
    );
    expect(found).toEqual(allowed);
    expect(allowed.some(({ commandLine }) => commandLine.startsWith('sleep'))).toBe(true);
  });

  it('nothing that was told or printed has one in it', async () => {
    for (const args of [['status'], ['history'], ['whoami'], ['doctor'], ['config'], ['scopes']]) {
      const { stdout, stderr } = await desk.run([...args, '--json']);
      expect(listCanaries(Buffer.from(stdout + stderr), canaries)).toEqual([]);
    }
  });
});

describe.skipIf(!stage.database)('after everything was given back', () => {
  beforeAll(async () => {
    await desk.run(['logout']);
    for (const child of held) child.kill('SIGKILL');
    // The children of a program that was killed live on: they are the test's own to end.
    for (const { pid, environment } of await listProcesses()) {
      if (environment.includes(`JIT_STATE_DIR=${desk.folder}`) && environment.includes('JIT_GRANT_ID='))
        process.kill(pid);
    }
    // What was killed leaves the lock that says who uses its grant; the next command clears it away.
    await desk.run(['logout']);
  });

  it('I5: no file of either side has a canary in it', async () => {
    expect(await searchFolders(listFolders(), canaries)).toEqual([]);
  });

  it('I6: no process of jit is left on the machine', async () => {
    const listMine = async (): Promise<readonly string[]> =>
      (await listProcesses())
        .filter(({ environment }) => environment.includes(`JIT_STATE_DIR=${desk.folder}`))
        .map(({ commandLine }) => commandLine);
    await expect.poll(listMine, { timeout: 15_000, interval: 100 }).toEqual([]);
  });

  it('I6: no lock, no draft, no socket and no temporary file is left', async () => {
    expect(await readdir(join(desk.folder, 'tmp'))).toEqual([]);
    expect(await readdir(join(desk.folder, 'home'))).toEqual(['spilled']);
    const state = await readdir(join(desk.folder, 'state'), { recursive: true });
    expect(state.sort()).toEqual([
      'clock.json',
      'held.json',
      'keychain',
      'keychain/items',
      'keychain/items/key.json',
      'locks',
    ]);
  });

  it('nobody is logged in any more', async () => {
    expect(await desk.run(['whoami'])).toMatchObject({ exitCode: 4 });
  });
});
