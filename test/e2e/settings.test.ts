import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JitDocument } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

type Finding = {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly hint: string;
};
const readFindings = (document: JitDocument): ReadonlyMap<string, Finding> =>
  new Map((document.findings as readonly Finding[]).map((finding) => [finding.check, finding]));

describe('jit doctor', () => {
  it('looks at everything and finds it good', async () => {
    await using desk = await stage.openDesk();
    const { stdout, exitCode } = await desk.run(['doctor']);
    expect(stdout.split('\n').map((line) => line.slice(0, 15).trimEnd())).toEqual([
      '✔ jit',
      '✔ configuration',
      '✔ server',
      '✔ keychain',
      '✔ session',
      '✔ clock',
      '✔ secret files',
      '✔ held here',
      '',
    ]);
    expect(exitCode).toBe(0);
    const { document } = await desk.readJson(['doctor']);
    expect(readFindings(document).get('session')).toEqual({
      check: 'session',
      ok: true,
      detail: `dev on ${stage.url}`,
      hint: '',
    });
  });

  it('says what is wrong and what to type, and is 1', async () => {
    await using desk = await stage.openDesk({ user: null });
    const { stdout, exitCode } = await desk.run(['doctor']);
    expect(stdout).toContain(
      `✖ session       you are not logged in to ${stage.url}\n                jit login ${stage.url}\n`,
    );
    expect(exitCode).toBe(1);
  });

  it('looks at the rest where no server is known', async () => {
    await using desk = await stage.openDesk({ user: null, environment: { JIT_SERVER: '' } });
    const { document, exitCode } = await desk.readJson(['doctor']);
    const findings = readFindings(document);
    expect([...findings.keys()]).toEqual(['jit', 'configuration', 'server', 'secret files', 'held here']);
    expect(findings.get('server')).toMatchObject({ ok: false, hint: expect.stringContaining('jit login') });
    expect(exitCode).toBe(1);
  });

  it('asks the server, which is not there', async () => {
    await using desk = await stage.openDesk({
      user: null,
      environment: { JIT_SERVER: 'http://127.0.0.1:1' },
    });
    const { stdout, exitCode } = await desk.run(['doctor']);
    expect(stdout).toMatch(/✖ server {8}http:\/\/127\.0\.0\.1:1 was not reached/);
    expect(stdout).toMatch(/✔ keychain[\s\S]*– session[\s\S]*– clock/);
    expect(exitCode).toBe(1);
  });

  it('finds a settings file that others may write to', async () => {
    await using desk = await stage.openDesk();
    await chmod(join(desk.folder, 'config', 'config.toml'), 0o666);
    const { document } = await desk.readJson(['doctor']);
    expect(readFindings(document).get('configuration')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('others may write to it'),
    });
  });
});

describe('jit config', () => {
  it('shows profiles, folders and what the environment overrides', async () => {
    await using desk = await stage.openDesk();
    const { stdout } = await desk.run(['config']);
    expect(stdout).toBe(
      [
        `default *  ${stage.url}  keychain os`,
        'notify        on',
        `config        ${desk.folder}/config`,
        `state         ${desk.folder}/state`,
        `JIT_SERVER    ${stage.url}`,
        'JIT_KEYCHAIN  file',
        '',
      ].join('\n'),
    );
    const { document } = await desk.readJson(['config']);
    expect(document).toMatchObject({
      default_profile: 'default',
      profiles: { default: { server: stage.url } },
      folders: { config: join(desk.folder, 'config') },
    });
  });

  it('sets the server and the keychain of a profile', async () => {
    await using desk = await stage.openDesk({ user: null });
    expect(await desk.run(['config', 'server', 'jit.example.com', '--profile', 'work'])).toMatchObject({
      exitCode: 0,
    });
    expect(await desk.run(['config', 'keychain', 'file', '--profile', 'work'])).toMatchObject({
      exitCode: 0,
    });
    const text = await readFile(join(desk.folder, 'config', 'config.toml'), 'utf8');
    expect(text).toContain('server = "https://jit.example.com"');
    expect(text).toContain('keychain = "file"');
  });

  it.each([
    [['config', 'colour', 'red'], 'there is no setting "colour"'],
    [
      ['config', 'keychain', 'paper', '--profile', 'default'],
      '"paper" is not valid for keychain: use os or file',
    ],
    [['config', 'server'], 'say what to set server to'],
    [['config', 'server', 'ftp://jit.example.com'], 'ftp://jit.example.com'],
  ])('%j is 2', async (args, said) => {
    await using desk = await stage.openDesk();
    const { exitCode, stderr } = await desk.run(args);
    expect(stderr).toContain(said);
    expect(exitCode).toBe(2);
  });
});

describe('jit itself', () => {
  it('without a command shows them all, on stdout', async () => {
    await using desk = await stage.openDesk({ user: null });
    const { stdout, stderr, exitCode } = await desk.run([]);
    for (const name of ['login', 'request', 'exec', 'done', 'doctor', 'server'])
      expect(stdout).toContain(`\n  ${name}`);
    expect(stdout).not.toContain('__');
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  });

  it.each([[['--version']], [['request', '--help']], [['help', 'exec']]])('%j is 0', async (args) => {
    await using desk = await stage.openDesk({ user: null });
    expect(await desk.run(args)).toMatchObject({
      exitCode: 0,
      stderr: '',
      stdout: expect.stringMatching(/\S/),
    });
  });
});
