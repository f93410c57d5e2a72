import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type NativeKeychain, openKeytarKeychain } from '../../../src/adapters/keychain/keytar.ts';
import type { KeychainEntry } from '../../../src/core/ports/keychain.ts';
import { Secret } from '../../../src/core/secret.ts';

const SESSION = { service: 'jit jit.example.com', account: 'session' };
const LONG = 'x'.repeat(9000);

let folder: string;
let items: Map<string, string>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-keytar-'));
  items = new Map();
});
afterEach(() => rm(folder, { recursive: true }));

function store(): NativeKeychain {
  const keyOf = (service: string, account: string) => `${service}/${account}`;
  return {
    getPassword: async (service, account) => items.get(keyOf(service, account)) ?? null,
    setPassword: async (service, account, value) => void items.set(keyOf(service, account), value),
    deletePassword: async (service, account) => items.delete(keyOf(service, account)),
  };
}

function open(native: Partial<NativeKeychain> = {}, timeoutMs = 3000) {
  return openKeytarKeychain({ folder, timeoutMs, load: async () => ({ ...store(), ...native }) });
}

function entry(text: string, expiresAt: number | null = null): KeychainEntry {
  return { ...SESSION, secret: new Secret(text), expiresAt };
}

describe('splitting', () => {
  it('keeps every item within 2,000 bytes, whatever the characters', async () => {
    await open().set(entry('€😀é'.repeat(1500)));
    expect(items.size).toBeGreaterThan(6);
    for (const item of items.values()) expect(Buffer.byteLength(item)).toBeLessThanOrEqual(2000);
  });

  it('reads a small value with one call', async () => {
    await open().set(entry('small'));
    const asked: string[] = [];
    const counting = open({
      getPassword: (service, account) => {
        asked.push(account);
        return store().getPassword(service, account);
      },
    });
    expect((await counting.get(SESSION))?.reveal()).toBe('small');
    expect(asked).toEqual(['session']);
  });
});

describe('items that cannot be read are not the same as none', () => {
  it.each([
    ['a part is missing', () => items.delete(`${SESSION.service}/session #2`)],
    ['a part is another value’s', () => items.set(`${SESSION.service}/session #2`, 'y'.repeat(1940))],
    ['the head was cut short', () => items.set(`${SESSION.service}/session`, 'jit1 5')],
    ['another program wrote it', () => items.set(`${SESSION.service}/session`, 'hunter2')],
  ])('S14: keychain_unreadable when %s', async (_why, damage) => {
    await open().set(entry(LONG));
    damage();
    await expect(open().get(SESSION)).rejects.toMatchObject({ code: 'keychain_unreadable', exitCode: 4 });
    await open().set(entry('new'));
    expect((await open().get(SESSION))?.reveal()).toBe('new');
  });

  it('waits for a writer that is half-way', async () => {
    const writer = open();
    await writer.set(entry(LONG));
    const other = LONG.replaceAll('x', 'z');
    const reader = open({
      getPassword: async (service, account) => {
        const found = await store().getPassword(service, account);
        if (account === 'session #3') await writer.set(entry(other));
        return found;
      },
    });
    expect((await reader.get(SESSION))?.reveal()).toBe(other);
  });

  it('shows no secret when it complains', async () => {
    items.set(`${SESSION.service}/session`, 'hunter2');
    await expect(open().get(SESSION)).rejects.not.toThrow('hunter2');
  });
});

describe('a keychain that does not work', () => {
  const locked = {
    getPassword: async () => null,
    deletePassword: async () => false,
    setPassword: async () => {
      throw new Error('Cannot create an item in a locked collection');
    },
  };

  it('S14: a locked one is told from an empty one, though it answers every read with nothing', async () => {
    await open().set(entry('a', 1000));
    const keychain = open(locked);
    for (const attempt of [keychain.get(SESSION), keychain.remove(SESSION), keychain.probe()]) {
      await expect(attempt).rejects.toMatchObject({ code: 'keychain_locked', exitCode: 4 });
    }
    await expect(keychain.removeExpired(2000)).rejects.toMatchObject({ code: 'keychain_locked' });
    expect(await open().removeExpired(2000)).toBe(1);
  });

  it('keychain_missing names the library when the native module cannot be loaded', async () => {
    const load = async () => {
      throw new Error('Failed to load keytar native addon, checked …');
    };
    const keychain = openKeytarKeychain({ folder, load });
    await expect(keychain.probe()).rejects.toMatchObject({
      code: 'keychain_missing',
      message: expect.stringContaining('libsecret-1-0'),
    });
  });

  it('keychain_missing when it forgets what it was given', async () => {
    const keychain = open({ getPassword: async () => null });
    await expect(keychain.probe()).rejects.toMatchObject({ code: 'keychain_missing' });
  });

  it('S14: keychain_hanging when a call does not return, at once for the next call, and stuck until it does', async () => {
    const call = Promise.withResolvers<string | null>();
    const keychain = open({ getPassword: () => call.promise }, 20);
    expect(keychain.isStuck()).toBe(false);
    await expect(keychain.get(SESSION)).rejects.toMatchObject({ code: 'keychain_hanging', exitCode: 4 });
    expect(keychain.isStuck()).toBe(true);
    await expect(keychain.probe()).rejects.toMatchObject({ code: 'keychain_hanging' });
    call.resolve(null);
    await call.promise;
    await new Promise((resolve) => setImmediate(resolve));
    expect(keychain.isStuck()).toBe(false);
    await keychain.set(entry('works again'));
  });

  it('begins nothing more once it was given up on', async () => {
    const write = Promise.withResolvers<void>();
    const begun: string[] = [];
    const keychain = open(
      {
        setPassword: (_service, account) => {
          begun.push(account);
          return write.promise;
        },
      },
      20,
    );
    await expect(keychain.set(entry(LONG))).rejects.toMatchObject({ code: 'keychain_hanging' });
    write.resolve();
    await write.promise;
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun).toEqual(['session #5']);
  });
});

describe('notes of what is held', () => {
  it('I5: contain the name and the end, never the secret', async () => {
    await open().set(entry('the secret itself', 1000));
    const [name = ''] = await readdir(folder);
    const note = await readFile(join(folder, name), 'utf8');
    expect(JSON.parse(note)).toEqual({ ...SESSION, expiresAt: 1000 });
  });

  it('go with their item, and a session has none', async () => {
    const keychain = open();
    await keychain.set(entry('session'));
    expect(await readdir(folder)).toEqual([]);
    await keychain.set(entry('grant', 1000));
    await keychain.remove(SESSION);
    expect(await readdir(folder)).toEqual([]);
  });

  it('without an item, left by a writer that was killed, are swept away', async () => {
    await open().set(entry('grant', 1000));
    items.clear();
    expect(await open().removeExpired(1000)).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  });

  it('cost nothing when nothing has expired: the keychain is not even loaded', async () => {
    const load = async () => {
      throw new Error('loaded');
    };
    expect(await openKeytarKeychain({ folder, load }).removeExpired(1000)).toBe(0);
  });
});
