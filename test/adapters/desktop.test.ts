import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDesktop } from '../../src/adapters/desktop.ts';
import type { Desktop } from '../../src/core/ports/processes.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jit-desktop-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A program that notes its arguments, one a line, and the passphrase if it sees one. */
function place(name: string, then = ''): void {
  const script = `printf '%s\\n' "$@" $JIT_KEYCHAIN_PASSPHRASE > '${join(folder, 'note')}'; ${then}`;
  writeFileSync(join(folder, name), `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

const readNote = (): readonly string[] =>
  existsSync(join(folder, 'note')) ? readFileSync(join(folder, 'note'), 'utf8').trimEnd().split('\n') : [];

const create = (
  environment: Readonly<Record<string, string>>,
  platform: NodeJS.Platform = 'linux',
): Desktop => createDesktop({ environment: { PATH: folder, ...environment }, platform });

const DISPLAY = { DISPLAY: ':0', JIT_KEYCHAIN_PASSPHRASE: 'secret' };

describe('a desktop', () => {
  it('shows a message through notify-send, which learns no secret and is given no option', async () => {
    place('notify-send');
    expect(await create(DISPLAY).show({ title: 'jit', text: '-u critical' })).toBe(true);
    expect(readNote()).toEqual(['--app-name=jit', '--', 'jit', '-u critical']);
  });

  it('S12: what people wrote in it is text', async () => {
    place('notify-send');
    await create({ WAYLAND_DISPLAY: 'wayland-0' }).show({ title: 'jit', text: 'a\u202e<b>&\n\u001bc' });
    expect(readNote().at(-1)).toBe('a&lt;b&gt;&amp; c');
  });

  it('on macOS hands the text to osascript as an argument, never as script', async () => {
    place('osascript');
    const text = '" & (do shell script "id") & "';
    expect(await create({}, 'darwin').show({ title: 'jit', text })).toBe(true);
    expect(readNote().slice(-2)).toEqual(['jit', text]);
    expect(readNote().filter((line) => line.includes('do shell script'))).toEqual([text]);
  });

  it('is not there without a session', async () => {
    place('notify-send');
    expect(await create({}).show({ title: 'jit', text: 'hello' })).toBe(false);
    expect(readNote()).toEqual([]);
  });

  it.each([
    ['fails', 'exit 1'],
    ['hangs', 'exec sleep 60'],
  ])('is as good as none where its program %s', async (_, then) => {
    place('notify-send', then);
    expect(await create(DISPLAY).show({ title: 'jit', text: 'hello' })).toBe(false);
  });

  it('is as good as none where its program is missing', async () => {
    expect(await create(DISPLAY).show({ title: 'jit', text: 'hello' })).toBe(false);
  });
});
