import { mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createProcesses } from '../../../src/adapters/process/processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'jit-detached-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a detached program saw: written to a new name first, so that it is whole when it appears. */
const program = `
  const { renameSync, writeFileSync, readlinkSync } = require('node:fs');
  const seen = { args: process.argv.slice(2), environment: process.env, folder: process.cwd(), pid: process.pid,
    group: require('node:fs').readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ')[2],
    streams: [0, 1, 2].map((n) => readlinkSync('/proc/self/fd/' + n)) };
  writeFileSync(${JSON.stringify(join(folder, 'seen.tmp'))}, JSON.stringify(seen));
  renameSync(${JSON.stringify(join(folder, 'seen.tmp'))}, ${JSON.stringify(join(folder, 'seen.json'))});
`;

async function untilThere(name: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const watcher = watch(folder, (_, changed) => changed === name && resolve());
  await promise;
  watcher.close();
}

describe('processes', () => {
  it('tell the environment, the host and the user as they are', () => {
    const processes = createProcesses({ environment: { A: '1', B: undefined }, jitPath: '/jit.js' });
    expect(processes.environment).toEqual({ A: '1' });
    expect([processes.hostName, processes.userName]).toEqual([hostname(), userInfo().username]);
  });

  it('start what was made ready for, and what was not', async () => {
    const processes = createProcesses({ environment: { PATH: process.env.PATH }, jitPath: '/jit.js' });
    const order = { command: 'true', args: [], environment: processes.environment, secretFiles: [] };
    processes.prepare();
    expect(await (await processes.start(order)).ended).toEqual({ exitCode: 0 });
    expect(await (await processes.start({ ...order, command: 'false' })).ended).toEqual({ exitCode: 1 });
  });

  it.skipIf(process.platform !== 'linux')(
    'I5: start the reaper detached, with its folders and without any secret',
    async () => {
      const jitPath = join(folder, 'jit.cjs');
      writeFileSync(jitPath, program);
      const kept = {
        HOME: '/home/dev',
        PATH: '/bin',
        XDG_STATE_HOME: '/s',
        JIT_STATE_DIR: '/t',
        JIT_KEYCHAIN: 'file',
      };
      const dropped = {
        JIT_KEYCHAIN_PASSPHRASE: 'canary',
        JIT_KEYCHAIN_PASSPHRASE_FD: '3',
        JIT_TOKEN: 'canary',
      };
      const others = {
        PGPASSWORD: 'canary',
        NODE_OPTIONS: '--throw-deprecation',
        AWS_SECRET_ACCESS_KEY: 'canary',
      };
      const there = untilThere('seen.json');
      const processes = createProcesses({ environment: { ...kept, ...dropped, ...others }, jitPath });
      await processes.startDetached(['reap', '--once']);
      await there;
      const seen = JSON.parse(readFileSync(join(folder, 'seen.json'), 'utf8'));
      expect(seen).toMatchObject({ args: ['reap', '--once'], environment: kept, folder: '/' });
      expect(Object.keys(seen.environment).toSorted()).toEqual(Object.keys(kept).toSorted());
      expect(seen.group).toBe(String(seen.pid));
      expect(seen.streams).toEqual(['/dev/null', '/dev/null', '/dev/null']);
    },
  );

  it.skipIf(process.platform !== 'linux')(
    'start the reaper with folders that are named from here, which it does not begin in',
    async () => {
      const jitPath = join(folder, 'jit.cjs');
      writeFileSync(jitPath, program);
      const environment = { JIT_STATE_DIR: 'state', JIT_CONFIG_DIR: './config', PATH: '/bin' };
      const there = untilThere('seen.json');
      await createProcesses({ environment, jitPath }).startDetached(['reap']);
      await there;
      const seen = JSON.parse(readFileSync(join(folder, 'seen.json'), 'utf8'));
      expect(seen.environment).toMatchObject({
        JIT_STATE_DIR: resolve('state'),
        JIT_CONFIG_DIR: resolve('config'),
      });
      rmSync(join(folder, 'seen.json'));
    },
  );
});
