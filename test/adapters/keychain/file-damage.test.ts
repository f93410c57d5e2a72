import { copyFile, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFileKeychain } from '../../../src/adapters/keychain/file.ts';
import { Secret } from '../../../src/core/secret.ts';
import { refusePassphrase } from '../../support/keyrings/unasked.ts';

const GRANT = { service: 'jit jit.example.com', account: 'prod:db.read on orders (gr_1)' };
const SECRET = 'canary-4b1f';
let folder: string;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'jit-file-')), 'items');
});
afterEach(() => rm(join(folder, '..'), { recursive: true }));

function open(ask: () => Promise<Secret> = async () => new Secret('right')) {
  return openFileKeychain({ folder, passphrase: ask, log2Cost: 10 });
}

function store(account = GRANT.account, expiresAt: number | null = 1000): Promise<void> {
  return open().set({ ...GRANT, account, secret: new Secret(SECRET), expiresAt });
}

async function itemPath(): Promise<string> {
  const name = (await readdir(folder)).find((one) => one.endsWith('.item'));
  return join(folder, name ?? '');
}

describe('a file that cannot be read is not the same as none', () => {
  const flip = async (path: string, at: number) => {
    const bytes = await readFile(path);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(path, bytes);
  };

  it.each([
    ['is empty', (path: string) => writeFile(path, ''), 'damaged'],
    [
      'is cut short',
      async (path: string) => writeFile(path, (await readFile(path)).subarray(0, -9)),
      'cut short',
    ],
    [
      'has no second line',
      async (path: string) => writeFile(path, `${(await readFile(path, 'utf8')).split('\n')[0]}\n`),
      'cut short',
    ],
    [
      'was changed in its secret',
      async (path: string) => flip(path, (await readFile(path)).length - 10),
      'changed',
    ],
    [
      'was given a later end',
      async (path: string) => writeFile(path, (await readFile(path, 'utf8')).replace('1000', '9000')),
      'changed',
    ],
    ['is something else', (path: string) => writeFile(path, 'hunter2\n'), 'not written by jit'],
    ['is far too large', (path: string) => writeFile(path, Buffer.alloc(2_000_000)), 'too large'],
  ])('S14: keychain_unreadable when it %s', async (_what, damage, why) => {
    await store();
    await damage(await itemPath());
    await expect(open().get(GRANT)).rejects.toMatchObject({
      code: 'keychain_unreadable',
      message: expect.stringContaining(why),
    });
    await store();
    expect((await open().get(GRANT))?.reveal()).toBe(SECRET);
  });

  it('keychain_unreadable when it is another item under this name', async () => {
    await store();
    const target = await itemPath();
    await store('another');
    for (const name of (await readdir(folder)).filter((one) => one.endsWith('.item'))) {
      if (join(folder, name) !== target) await copyFile(join(folder, name), target);
    }
    await expect(open().get(GRANT)).rejects.toThrow('the file is that of "another"');
  });

  it('keychain_unreadable when it comes from another folder, or its key is gone', async () => {
    await store();
    const key = join(folder, 'key.json');
    await rm(key);
    await expect(open(refusePassphrase).get(GRANT)).rejects.toThrow(
      'key.json, which belongs to it, is missing',
    );
    await store('makes a new key');
    await expect(open(refusePassphrase).get(GRANT)).rejects.toThrow('another keychain folder');
  });

  it('keychain_unreadable when it is a link', async () => {
    await store();
    const path = await itemPath();
    await rename(path, `${path}.moved`);
    await symlink(`${path}.moved`, path);
    await expect(open().get(GRANT)).rejects.toThrow('symbolic link');
  });

  it.each([
    ['damaged', (text: string) => text.slice(0, 20)],
    ['asks for all memory', (text: string) => text.replace('"log2Cost":10', '"log2Cost":40')],
  ])('keychain_unreadable when the key file is %s', async (_what, damage) => {
    await store();
    const path = join(folder, 'key.json');
    await writeFile(path, damage(await readFile(path, 'utf8')));
    await expect(open().probe()).rejects.toMatchObject({ code: 'keychain_unreadable' });
  });
});
