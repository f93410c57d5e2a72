import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createConfigFile } from '../../../src/adapters/config-file/config-file.ts';
import { JitError } from '../../../src/core/errors.ts';

let folder = '';
let path = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jit-config-'));
  path = join(folder, 'config.toml');
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = () => createConfigFile({ folder }).read();

async function readComplaint(): Promise<{ readonly code: string; readonly message: string }> {
  const error = await read().catch((thrown: unknown) => thrown);
  if (!(error instanceof JitError)) throw new Error('was read without a complaint');
  return { code: error.code, message: error.message.replace(path, 'config.toml') };
}

const good = `# mine
default_profile = "work"

[profiles.work]
server = "https://jit.example.com"
keychain = "file"

[profiles.home]
server = "http://127.0.0.1:7420"
`;

describe('the configuration of the client', () => {
  it('is read anew when somebody else has changed it, and when it is gone', async () => {
    const file = createConfigFile({ folder });
    writeFileSync(path, good);
    expect((await file.read()).defaultProfile).toBe('work');
    writeFileSync(path, good.replace('"work"', '"home"'));
    expect((await file.read()).defaultProfile).toBe('home');
    writeFileSync(path, 'default_profile = 7');
    await expect(file.read()).rejects.toMatchObject({ code: 'settings_invalid' });
    rmSync(path);
    expect(await file.read()).toEqual({ profiles: {} });
  });

  it('is empty where there is no file', async () => {
    expect(await read()).toEqual({ profiles: {} });
  });

  it('is read', async () => {
    writeFileSync(path, good);
    expect(await read()).toEqual({
      defaultProfile: 'work',
      profiles: {
        work: { server: 'https://jit.example.com', keychain: 'file' },
        home: { server: 'http://127.0.0.1:7420' },
      },
    });
  });

  it.each([
    ['an unknown key', `${good}colour = "red"\n`, 'config.toml:10 profiles.home.colour: is not a setting'],
    [
      'a key that was meant differently',
      'default_profil = "x"\n',
      'config.toml:1 default_profil: is not a setting: did you mean "default_profile"?',
    ],
    [
      'a wrong type',
      '[profiles.work]\nserver = 1\n',
      'config.toml:2 profiles.work.server: must be text; numbers and true need quotes',
    ],
    [
      'an inline table',
      '\nprofiles = { work = { server = true } }\n',
      'config.toml:2 profiles.work.server: must be text; numbers and true need quotes',
    ],
    ['a dotted key', 'profiles.work.keychain = "os"\n', 'config.toml:1 profiles.work.server: is missing'],
    [
      'a quoted key',
      '[profiles."wo.rk"]\nserver = "x"\n',
      'config.toml:2 profiles.wo.rk.server: must be an address without a path, like https://jit.example.com',
    ],
    [
      'a path',
      '[profiles.a]\nserver = "https://jit.example.com/x"\n',
      'config.toml:2 profiles.a.server: must be an address without a path, like https://jit.example.com',
    ],
    [
      'a keychain that there is not',
      `${good}keychain = "cloud"\n`,
      'config.toml:10 profiles.home.keychain: must be one of os, file',
    ],
    [
      'a default that there is not',
      'default_profile = "gone"\n',
      'config.toml:1 default_profile: there is no profile "gone"',
    ],
    ['a byte order mark', `\ufeff${good}`, 'config.toml: starts with a byte order mark: save it without'],
  ])('INP-03: refuses %s with file, line and key', async (_, text, message) => {
    writeFileSync(path, text);
    expect(await readComplaint()).toEqual({ code: 'settings_invalid', message });
  });

  it('INP-03: refuses a duplicate key with its line', async () => {
    writeFileSync(path, '[profiles.a]\nserver = "https://a.example"\nserver = "https://b.example"\n');
    const { code, message } = await readComplaint();
    expect(code).toBe('settings_invalid');
    expect(message).toMatch(/^config\.toml:3 profiles\.a\.server: \S.+/);
    expect(message).not.toContain('\n');
  });

  it('INP-03: refuses what is no TOML, no text, or too large', async () => {
    writeFileSync(path, 'a = 1\nb = \n');
    expect((await readComplaint()).message).toMatch(/^config\.toml:2 b: /);
    writeFileSync(path, Buffer.from([0xff, 0xfe, 0x41]));
    expect((await readComplaint()).message).toBe('config.toml: is not UTF-8 text');
    writeFileSync(path, '#'.repeat(70_000));
    expect((await readComplaint()).message).toBe('config.toml: is larger than 65536 bytes');
  });

  it.each([0o620, 0o602, 0o666])(
    'INP-03: refuses a file of mode %o that others may write to',
    async (mode) => {
      writeFileSync(path, good);
      chmodSync(path, mode);
      expect((await readComplaint()).message).toBe('config.toml: others may write to it: chmod go-w it');
    },
  );

  it('does not take a property of every object for a profile', async () => {
    writeFileSync(path, 'default_profile = "toString"\n');
    expect((await readComplaint()).message).toContain('there is no profile "toString"');
  });
});

describe('writing the configuration', () => {
  const config = {
    defaultProfile: 'a',
    profiles: { a: { server: 'https://jit.example.com', keychain: 'file' } },
  } as const;

  it('is read back as it was, from a file for its owner in a folder made for it', async () => {
    const file = createConfigFile({ folder: join(folder, 'new', 'jit') });
    await file.write(config);
    expect(await file.read()).toEqual(config);
    expect(statSync(file.path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'new', 'jit')).mode & 0o777).toBe(0o700);
    expect(readFileSync(file.path, 'utf8')).toContain('default_profile = "a"');
  });

  it('keeps a link into a collection of settings', async () => {
    mkdirSync(join(folder, 'dotfiles'));
    writeFileSync(join(folder, 'dotfiles', 'jit.toml'), good);
    symlinkSync(join(folder, 'dotfiles', 'jit.toml'), path);
    await createConfigFile({ folder }).write(config);
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(await read()).toEqual(config);
  });

  it('I6: says that it failed, and leaves nothing half done', async () => {
    mkdirSync(path);
    await expect(createConfigFile({ folder }).write(config)).rejects.toMatchObject({ code: 'failed' });
    expect(readdirSync(folder)).toEqual(['config.toml']);
  });
});
