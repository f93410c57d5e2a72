import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBrowser } from '../../src/adapters/browser.ts';

const link = 'https://jit.example.com/device?user_code=BCDF-GHJK';
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jit-browser-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A program that notes its name and arguments, one a line, and the passphrase if it sees one. */
function place(name: string): void {
  const path = join(folder, name);
  const note = join(folder, 'note');
  const script = `printf '%s\\n' ${name} "$@" $JIT_KEYCHAIN_PASSPHRASE > ${note}.tmp; mv ${note}.tmp ${note}`;
  writeFileSync(path, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
  chmodSync(path, 0o755);
}

async function readNote(): Promise<readonly string[]> {
  const note = join(folder, 'note');
  const { promise, resolve } = Promise.withResolvers<void>();
  const watcher = watch(folder, (_, name) => name === 'note' && resolve());
  if (!existsSync(note)) await promise;
  watcher.close();
  return readFileSync(note, 'utf8').trimEnd().split('\n');
}

const create = (environment: Readonly<Record<string, string>>, platform: NodeJS.Platform = 'linux') =>
  createBrowser({ environment: { PATH: folder, ...environment }, platform });

describe('a browser', () => {
  it.each([
    ['xdg-open', { DISPLAY: ':0' }, 'linux'],
    ['xdg-open', { WAYLAND_DISPLAY: 'wayland-0' }, 'linux'],
    ['wslview', { WSL_DISTRO_NAME: 'Debian' }, 'linux'],
    ['open', {}, 'darwin'],
    ['mybrowser', { BROWSER: 'mybrowser', DISPLAY: ':0' }, 'linux'],
  ] as const)('is %s with %o on %s', async (program, environment, platform) => {
    for (const name of ['xdg-open', 'wslview', 'open', 'mybrowser']) place(name);
    expect(await create(environment, platform).open(link)).toBe(true);
    expect(await readNote()).toEqual([program, link]);
  });

  it('is the first of BROWSER that can be started, with its words', async () => {
    place('mybrowser');
    const BROWSER = 'missing --x %s:mybrowser --new-window --url=%s';
    expect(await create({ BROWSER }).open(link)).toBe(true);
    expect(await readNote()).toEqual(['mybrowser', '--new-window', `--url=${link}`]);
  });

  it('never sees a shell, so an address cannot run anything', async () => {
    place('xdg-open');
    const address = 'https://jit.example.com/;touch${IFS}owned&&$(id)`id`';
    expect(await create({ DISPLAY: ':0' }).open(address)).toBe(true);
    expect(await readNote()).toEqual(['xdg-open', new URL(address).href]);
  });

  it('I5: is not given the passphrase', async () => {
    place('xdg-open');
    await create({ DISPLAY: ':0', JIT_KEYCHAIN_PASSPHRASE: 'canary' }).open(link);
    expect(await readNote()).toEqual(['xdg-open', link]);
  });

  it.each(['http://localhost:7420/device', 'http://127.0.0.1:7420/', 'http://[::1]:7420/'])(
    'DEV-09: opens %s, which is this machine',
    async (address) => {
      place('xdg-open');
      expect(await create({ DISPLAY: ':0' }).open(address)).toBe(true);
      expect(await readNote()).toEqual(['xdg-open', address]);
    },
  );

  it.each([
    'http://jit.example.com/',
    'http://127.0.0.1.evil.example/',
    'http://localhost.evil.example/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    '--help',
    '',
    'https://user:pass@jit.example.com/',
  ])('DEV-09: refuses "%s"', async (address) => {
    place('xdg-open');
    expect(await create({ DISPLAY: ':0' }).open(address)).toBe(false);
    expect(existsSync(join(folder, 'note'))).toBe(false);
  });

  it('is none without a display, and none where the program is missing', async () => {
    expect(await create({ DISPLAY: ':0' }).open(link)).toBe(false);
    place('xdg-open');
    expect(await create({}).open(link)).toBe(false);
    expect(await create({ DISPLAY: '' }).open(link)).toBe(false);
  });
});
