import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFileKeychain } from '../../../src/adapters/keychain/file.ts';
import type { AskPassphrase } from '../../../src/core/ports/keychain.ts';
import { Secret } from '../../../src/core/secret.ts';
import { refusePassphrase } from '../../support/keyrings/unasked.ts';

const GRANT = { service: 'jit jit.example.com', account: 'prod:db.read on orders (gr_1)' };
const SECRET = 'canary-4b1f';
let folder: string;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'jit-file-')), 'items');
});
afterEach(() => rm(join(folder, '..'), { recursive: true }));

function open(passphrase: string | AskPassphrase = 'right') {
  const ask = typeof passphrase === 'string' ? async () => new Secret(passphrase) : passphrase;
  return openFileKeychain({ folder, passphrase: ask, log2Cost: 10 });
}

function store(account = GRANT.account, expiresAt: number | null = 1000): Promise<void> {
  return open().set({ ...GRANT, account, secret: new Secret(SECRET), expiresAt });
}

async function itemPath(): Promise<string> {
  const name = (await readdir(folder)).find((one) => one.endsWith('.item'));
  return join(folder, name ?? '');
}

describe('what lies on the disk', () => {
  it('I5: has names and ends in the clear, the secret and the passphrase nowhere', async () => {
    await store();
    const texts = await Promise.all(
      (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')),
    );
    expect(texts.join()).toContain(GRANT.account);
    expect(texts.join()).toContain('"expiresAt":1000');
    for (const form of [SECRET, btoa(SECRET), 'right']) expect(texts.join()).not.toContain(form);
  });

  it('is for its owner only', async () => {
    await store();
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(folder)) {
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    }
  });

  it('is taken away from others who could look', async () => {
    await mkdir(folder, { mode: 0o755 });
    await chmod(folder, 0o755);
    await store();
    await chmod(await itemPath(), 0o644);
    await open().get(GRANT);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(await itemPath())).mode & 0o777).toBe(0o600);
  });

  it('I6: is nothing but the key file and the items', async () => {
    await store();
    await store();
    await open().probe();
    const names = await readdir(folder);
    expect(names.map((name) => name.replace(/^[0-9a-f]{40}/, 'x')).sort()).toEqual(['key.json', 'x.item']);
  });
});

describe('the passphrase', () => {
  it('is not asked for to look for nothing, to remove, or to remove what expired', async () => {
    await store();
    await store('another');
    const keychain = open(refusePassphrase);
    expect(await keychain.get({ ...GRANT, account: 'none' })).toBeUndefined();
    expect(await keychain.remove({ ...GRANT, account: 'another' })).toBe(true);
    expect(await keychain.removeExpired(1000)).toBe(1);
  });

  it('is asked for once', async () => {
    let asked = 0;
    const keychain = open(async () => {
      asked += 1;
      return new Secret('right');
    });
    await Promise.all([keychain.probe(), keychain.probe()]);
    await keychain.set({ ...GRANT, secret: new Secret(SECRET), expiresAt: null });
    expect((await keychain.get(GRANT))?.reveal()).toBe(SECRET);
    expect(asked).toBe(1);
  });

  it('when it is wrong opens nothing, stores nothing, and may be given again', async () => {
    await store();
    const answers = ['wrong', 'wrong', 'right'];
    const keychain = open(async ({ refused }) => (refused ? undefined : new Secret(answers.shift() ?? '')));
    const wrong = {
      code: 'passphrase_needed',
      exitCode: 4,
      message: 'the file keychain cannot be opened: wrong passphrase',
    };
    await expect(keychain.get(GRANT)).rejects.toMatchObject(wrong);
    await expect(
      keychain.set({ ...GRANT, account: 'new', secret: new Secret('x'), expiresAt: null }),
    ).rejects.toMatchObject(wrong);
    expect((await keychain.get(GRANT))?.reveal()).toBe(SECRET);
    expect(await keychain.get({ ...GRANT, account: 'new' })).toBeUndefined();
  });

  it('when it is wrong is asked for three times at most, and told what was wrong', async () => {
    await store();
    const told: (string | undefined)[] = [];
    const answers = ['first', 'second', 'third', 'right'];
    const keychain = open(async ({ refused }) => {
      told.push(refused?.reveal());
      return new Secret(answers.shift() ?? '');
    });
    await expect(keychain.get(GRANT)).rejects.toMatchObject({ code: 'passphrase_needed' });
    expect(told).toEqual([undefined, 'first', 'second']);
    expect((await keychain.get(GRANT))?.reveal()).toBe(SECRET);
  });

  it('of the first of two at the same moment is the one that counts', async () => {
    const results = await Promise.allSettled([open('one').probe(), open('two').probe()]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('must not be empty', async () => {
    await expect(open('').probe()).rejects.toMatchObject({ code: 'passphrase_needed', exitCode: 4 });
  });

  it('typed on another keyboard is the same text', async () => {
    await open('caff\u00e8').probe();
    await open('caffe\u0300').probe();
  });
});

describe('leftovers and obstacles', () => {
  it('I6: what a killed writer left is removed, what one is writing is not', async () => {
    await store();
    const [old, fresh] = [join(folder, 'a.item.1.tmp'), join(folder, 'b.item.2.tmp')];
    await Promise.all([writeFile(old, 'half'), writeFile(fresh, 'half')]);
    await utimes(old, 100, 100);
    await utimes(fresh, 5000, 5000);
    await open(refusePassphrase).removeExpired(5000 * 1000);
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual(['b.item.2.tmp']);
  });

  it('a damaged file does not stop the removal of others', async () => {
    await store();
    await writeFile(join(folder, 'damaged.item'), 'x');
    expect(await open(refusePassphrase).removeExpired(1000)).toBe(1);
  });

  it('keychain_missing when the folder cannot be made', async () => {
    await writeFile(folder, 'in the way');
    await expect(open().probe()).rejects.toMatchObject({
      code: 'keychain_missing',
      message: expect.stringContaining(folder),
    });
  });
});
