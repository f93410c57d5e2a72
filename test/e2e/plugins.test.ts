import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { hostileProfile, openPluginDesk, writeProfile } from '../support/plugins/desk.ts';
import { PLUGINS } from '../support/plugins/exec-backend.ts';
import { listSurvivors } from '../support/plugins/hostile-plugin.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const READ = ['request', 'prod:db.read', '--on', 'orders', '--for', '5m', '--reason', 'INC-4211 slow'];
const WRITE = READ.with(1, 'prod:db.write');

describe.each(['approvals.py', 'approvals.sh'])('%s in the place of a server', (name) => {
  const profile = { backend: 'exec', command: join(PLUGINS, name), environment: ['APPROVALS_ALONE'] };

  it('grants, is used, is shown and is given back', async () => {
    await using desk = await openPluginDesk(profile);
    const asked = await desk.readJson(READ);
    expect(asked.document.grant).toMatchObject({ state: 'active', target: 'orders' });
    const used = await desk.run(['exec', '--', 'sh', '-c', 'echo "$JIT_SCOPES $JIT_TOKEN"']);
    expect(used.stdout).toMatch(/^prod:db\.read example-token-of-\w+\n$/);
    expect((await desk.readJson(['status'])).document.grants).toHaveLength(1);
    expect((await desk.run(['done'])).exitCode).toBe(0);
    expect((await desk.readJson(['status'])).document.grants).toEqual([]);
    expect([...(await desk.listSecrets()).keys()]).toEqual([]);
  });

  it('lets a person decide, and jit wait picks it up', async () => {
    await using desk = await openPluginDesk(profile);
    const asked = await desk.readJson([...WRITE, '--no-wait']);
    expect([asked.exitCode, asked.document.request?.state]).toEqual([5, 'pending']);
    const environment = { PATH: process.env.PATH, HOME: join(desk.folder, 'home'), APPROVALS_ALONE: '1' };
    await run(join(PLUGINS, name), ['decide', asked.document.request?.id ?? '', 'approved'], {
      env: environment,
    });
    const waited = await desk.readJson(['wait']);
    expect(waited.document.grant).toMatchObject({ state: 'active', scopes: ['prod:db.write'] });
  });

  it('says what it does not offer, and refuses in its own words', async () => {
    await using desk = await openPluginDesk(profile);
    const inbox = await desk.readJson(['inbox']);
    expect(inbox.document.error).toMatchObject({ code: 'not_offered' });
    const login = await desk.run(['login']);
    expect(login.stderr).toContain('it knows by itself who you are');
    const unknown = await desk.readJson(READ.with(1, 'prod:db.drop'));
    expect(unknown.document.error?.code).toBe('unknown_scope');
    const long = await desk.readJson(READ.with(5, '5h'));
    expect(long.document.error?.code, 'longer than it says that it gives').toBe('bad_duration');
  });
});

describe('a plugin that does not behave, and the program', () => {
  it.each([
    ['hang for an answer', 8],
    ['crash', 8],
    ['answer about another request', 1],
    ['flood stdout', 1],
  ])(
    'INP-05: %s: the request stays pending, the plugin is named, nothing is left behind',
    async (manner, code) => {
      await using desk = await openPluginDesk(hostileProfile('behave'));
      expect((await desk.run([...READ, '--no-wait'])).exitCode).toBe(5);
      await writeProfile(desk, hostileProfile(manner));
      const waited = await desk.run(['wait', 'req_1']);
      expect(waited.exitCode).toBe(code);
      expect(waited.stderr).toContain('the plugin "work"');
      const { requests } = (await desk.readJson(['status', '--offline'])).document;
      expect(requests).toMatchObject([{ id: 'req_1', state: 'pending' }]);
      expect(await listSurvivors(join(desk.folder, 'config'))).toEqual([]);
    },
  );

  it('INP-05: Ctrl-C leaves one that hangs at once, says so once, and nothing of it stays', async () => {
    await using desk = await openPluginDesk({ ...hostileProfile('hang at the start'), timeout: '10s' });
    const waiting = desk.start(['wait', 'req_1', '--json']);
    await until('started', async () => (await readPids(desk.folder)) !== '');
    waiting.kill('SIGINT');
    const { exitCode, stdout, stderr } = await waiting.ended;
    expect([exitCode, stdout]).toEqual([130, '']);
    expect(stderr).toMatch(/^interrupted; [^\n]*\n$/);
    expect(await listSurvivors(join(desk.folder, 'config'))).toEqual([]);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGQUIT', 131],
  ] as const)(
    'I6: %s, as when the terminal is closed, leaves nothing of one that does not look',
    async (name, code) => {
      const text = '#!/bin/sh\nsleep 600 &\necho $! >pids\necho $$ >>pids\nwait\n';
      const sha256 = createHash('sha256').update(text).digest('hex');
      await using desk = await openPluginDesk({ backend: 'exec', command: './plugin.sh', sha256 });
      const folder = join(desk.folder, 'config');
      await writeFile(join(folder, 'plugin.sh'), text, { mode: 0o700 });
      const waiting = desk.start(['wait', 'req_1']);
      await until('started', async () => (await readPids(desk.folder)).split('\n').length === 3);
      waiting.kill(name);
      expect((await waiting.ended).exitCode).toBe(code);
      expect(await readdir(join(desk.folder, 'state', 'plugins')), 'nor its private copy').toEqual([]);
      await until('gone', async () => (await listSurvivors(folder)).length === 0);
    },
  );

  it('I6: one that reads its stdin ends when jit is killed', async () => {
    await using desk = await openPluginDesk({ ...hostileProfile('hang for an answer'), timeout: '10s' });
    const waiting = desk.start(['wait', 'req_1']);
    await until('started', async () => (await readPids(desk.folder)) !== '');
    waiting.kill('SIGKILL');
    const folder = join(desk.folder, 'config');
    await until('gone', async () => (await listSurvivors(folder)).length === 0);
  });

  it('I5: the passphrase’s descriptor is not handed on', async () => {
    const command = './plugin.sh';
    await using desk = await openPluginDesk({ backend: 'exec', command });
    const text = '#!/bin/sh\nls /proc/$$/fd >fds\n';
    await writeFile(join(desk.folder, 'config', 'plugin.sh'), text, { mode: 0o700 });
    expect((await desk.run(['scopes'])).stderr).toContain('it ended with code 0');
    const descriptors = (await readFile(join(desk.folder, 'config', 'fds'), 'utf8')).split('\n');
    // The shell's own script is at 10 or above.
    expect(descriptors.filter((one) => one !== '' && Number(one) < 10)).toEqual(['0', '1', '2']);
  });
});

async function readPids(folder: string): Promise<string> {
  return readFile(join(folder, 'config', 'pids'), 'utf8').catch(() => '');
}

describe('settings of a profile with a plugin', () => {
  it('are shown as they are written', async () => {
    await using desk = await openPluginDesk(hostileProfile('behave'));
    const { document } = await desk.readJson(['config']);
    expect(document.profiles).toMatchObject({
      work: { server: 'plugin://work', backend: 'exec', command: process.execPath, timeout: '10s' },
    });
  });

  it('give way to a server that is chosen in its place', async () => {
    await using desk = await openPluginDesk(hostileProfile('behave'));
    await desk.run(['config', 'server', 'https://jit.example.com']);
    const { document } = await desk.readJson(['config']);
    expect(document.profiles).toEqual({ work: { server: 'https://jit.example.com' } });
  });
});
