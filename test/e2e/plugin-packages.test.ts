import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installPackage, openPluginDesk, writeProfile } from '../support/plugins/desk.ts';
import { PLUGINS } from '../support/plugins/exec-backend.ts';
import type { Desk } from '../support/programs/desk.ts';
import { findFreePort } from '../support/programs/stage.ts';

const run = promisify(execFile);
let desk: Desk;

beforeAll(async () => {
  desk = await openPluginDesk({ backend: 'npm:jit-plugin-rota' });
  await installPackage(desk, 'jit-plugin-rota', ROTA);
  await installPackage(desk, 'jit-plugin-newer', ROTA.replace('^1.0', '^1.7'));
  await installPackage(desk, 'jit-plugin-none', 'export const nothing = 1;');
  await installPackage(desk, 'jit-plugin-broken', 'export const plugin = (');
});
afterAll(() => desk[Symbol.asyncDispose]());

/** Whoever is on the rota may. */
const ROTA = `import { definePlugin, fail } from 'jit';
export const plugin = definePlugin({
  name: 'rota',
  api: '^1.0',
  backend: {
    settings: { team: 'text?' },
    open: ({ settings, profile, clock }) => ({
      readPerson: async () => ({
        subject: 'dev', name: 'dev of ' + (settings.team ?? 'nobody'), kind: 'person', groups: [profile],
        login: { method: 'workload', at: clock.now() },
      }),
      readRequest: async (id) => { throw fail('not_found', { what: id }); },
    }),
  },
});
`;

describe('a backend that is a package', () => {
  it('is found by the name in the profile, beside the configuration, and is given its settings', async () => {
    await writeProfile(desk, { backend: 'npm:jit-plugin-rota' });
    expect((await desk.run(['whoami'])).stdout).toMatch(
      /^dev of nobody on plugin:\/\/work\n.*groups {3}work/s,
    );
  });

  it('shares jit’s errors, and what it leaves out is not offered', async () => {
    await writeProfile(desk, { backend: 'npm:jit-plugin-rota' });
    expect((await desk.readJson(['wait', 'req_1'])).document.error).toMatchObject({
      code: 'not_found',
      message: 'there is no req_1',
    });
    expect((await desk.readJson(['scopes'])).document.error).toMatchObject({
      code: 'not_offered',
      message: 'the plugin "work" (rota) does not offer this: list_scopes',
    });
  });

  it.each([
    ['npm:jit-plugin-newer', 'it is written for the plugin API ^1.7, and this jit offers 1.0'],
    ['npm:jit-plugin-none', 'it exports no "plugin" that was made with definePlugin'],
    ['npm:jit-plugin-missing', 'npm install jit-plugin-missing there'],
    ['npm:jit-plugin-broken', 'loading it failed'],
  ])('%s: is refused', async (backend, why) => {
    await writeProfile(desk, { backend });
    const { exitCode, stderr } = await desk.run(['whoami']);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(why)]);
  });

  it.each(['npm:../evil', 'npm:/etc/passwd', 'npm:https://evil.example/x.js', 'npm:'])(
    'INP-05: %s: is no name of a package',
    async (backend) => {
      await writeProfile(desk, { backend });
      const { exitCode, stderr } = await desk.run(['whoami']);
      expect([exitCode, stderr]).toEqual([
        1,
        expect.stringContaining('profiles.work.backend: must be one of server, oidc, exec, npm:<package>'),
      ]);
    },
  );
});

describe('a kind of target that is a plugin', () => {
  const configure = async (target: string): Promise<string> => {
    const path = join(desk.folder, 'jit.yaml');
    const port = await findFreePort();
    const text = `url: http://127.0.0.1:${port}
listen: 127.0.0.1:${port}
store: sqlite:./jit.db
identity: { dev: { users: [{ name: dev, groups: [engineers] }] } }
plugins: [${join(PLUGINS, 'password-file.js')}]
scopes:
  prod:db.read: { description: Edit pages, sensitivity: low, default: 5m, max: 1h, targets: [wiki] }
targets:
  wiki: { kind: password-file, audience: 'https://wiki.example.com', ${target} }
`;
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };

  it('is one like any other', async () => {
    const server = desk.start(['server', '--config', await configure('path: ./passwords.json')]);
    await server.says(/jit server on/);
    server.kill('SIGTERM');
    expect((await server.ended).exitCode).toBe(0);
  });

  it('INP-03: its settings are complained about with file, line and key', async () => {
    const { exitCode, stderr } = await desk.run(['server', '--config', await configure('pth: ./x')]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('jit.yaml:9 targets.wiki.path: is missing');
    expect(stderr).toContain('targets.wiki.pth: is not a setting: did you mean "path"?');
  });
});

describe('jit plugin check', () => {
  const check = (args: readonly string[]) => desk.run(['plugin', 'check', ...args], { cwd: PLUGINS });

  it('says of each promise whether it is held', async () => {
    const { exitCode, stdout } = await check(['./password-file.js']);
    expect(stdout).toMatch(/^✔ connector: S4: names a grant the same way every time/);
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringMatching(/7 held, 0 failed, 0 could not be tried\n$/),
    ]);
  });

  it('tries a channel, against the other side that it brings', async () => {
    const { exitCode, stdout } = await check(['./pager.js']);
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringMatching(/^✔ channel: .*\n8 held, 0 failed, 0 could not be tried\n$/s),
    ]);
  });

  it('tries a program, and says what it could not try', async () => {
    const { exitCode, stdout } = await check(['./approvals.py', '--json']);
    const { ok, tests } = JSON.parse(stdout);
    expect([exitCode, ok]).toEqual([0, true]);
    const outcomes: readonly string[] = tests.map((test: { readonly outcome: string }) => test.outcome);
    expect(outcomes.filter((outcome) => outcome === 'passed').length).toBeGreaterThan(10);
    expect(outcomes).toContain('skipped');
  });

  it('tries the backend of a profile', async () => {
    await writeProfile(desk, { backend: 'exec', command: join(PLUGINS, 'approvals.sh'), timeout: '10s' });
    const { exitCode, stdout } = await check(['work', '--json']);
    expect([exitCode, JSON.parse(stdout).ok]).toEqual([0, true]);
  });

  it('fails when a promise is broken, and says which', async () => {
    const text = (await run('cat', [join(PLUGINS, 'password-file.js')])).stdout;
    await writeFile(join(desk.folder, 'forgetful.js'), text.replace('delete passwords[handle]', 'undefined'));
    const { exitCode, stdout } = await desk.run(['plugin', 'check', './forgetful.js'], { cwd: desk.folder });
    expect(exitCode).toBe(1);
    expect(stdout).toContain('✖ connector: S5: removing what is gone or never was is success\n');
    expect(stdout).toContain('it is still there');
  });

  it.each([
    ['commonjs.js', 'it is loaded as CommonJS: call it .mjs'],
    ['./gone.js', 'npm install ./gone.js there'],
    ['sound.mjs', 'no package is called that: write ./sound.mjs for the file'],
  ])('says what to do about %s', async (name, why) => {
    const text = (await run('cat', [join(PLUGINS, 'password-file.js')])).stdout;
    for (const file of ['commonjs.js', 'sound.mjs']) await writeFile(join(desk.folder, file), text);
    await writeFile(join(desk.folder, 'package.json'), '{ "type": "commonjs" }');
    const path = name.startsWith('commonjs') ? `./${name}` : name;
    const { exitCode, stderr } = await desk.run(['plugin', 'check', path], { cwd: desk.folder });
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(why)]);
  });

  it('refuses what is a server, what is nothing, and what has no backend to name', async () => {
    await writeProfile(desk, { server: 'https://jit.example.com' });
    expect((await check(['work'])).stderr).toContain('its backend is a jit server, not a plugin');
    expect((await check(['nothing'])).stderr).toContain('npm install nothing there');
    expect((await check([])).exitCode).toBe(2);
    expect(await readdir(join(desk.folder, 'tmp'))).toEqual([]);
  });
});
