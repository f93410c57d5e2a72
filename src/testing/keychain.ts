import { deepEqual, equal } from 'node:assert/strict';
import type { Keychain, KeychainEntry } from '../core/ports/keychain.ts';
import { Secret } from '../core/secret.ts';
import type { SuiteRunner } from './suite.ts';

/** Two keychains over one empty store: `another` is what a second process would open, or is one. */
export type KeychainUnderTest = {
  readonly keychain: Keychain;
  readonly another: Keychain;
  readonly close: () => Promise<void>;
};

const GRANT = { service: 'jit jit.example.com', account: 'prod:db.read on orders (gr_7f3k)' };
const SESSION = { service: 'jit jit.example.com', account: 'session' };
// Longer than one item may be in any store, with every width of character, and what native code stumbles over.
const LONG = `${'aé€😀'.repeat(800)}\u0000"\\\n end`;

/** What every `Keychain` does that works. `open` makes a fresh, empty one for each test. */
export function testKeychain(runner: SuiteRunner, open: () => Promise<KeychainUnderTest>): void {
  const test = (name: string, body: (world: KeychainUnderTest) => Promise<void>) =>
    runner.test(name, async () => {
      const world = await open();
      try {
        await body(world);
      } finally {
        await world.close();
      }
    });

  testItems(test);
  testExpiry(test);
}

type TestWorld = (name: string, body: (world: KeychainUnderTest) => Promise<void>) => void;

function testItems(test: TestWorld): void {
  test('what was set is read back by another process', async ({ keychain, another }) => {
    await keychain.set(entry(GRANT, 'token-1'));
    equal(await read(another, GRANT), 'token-1');
  });

  test('an item that was never set is undefined, not an error', async ({ keychain }) => {
    equal(await read(keychain, GRANT), undefined);
  });

  test('setting again replaces what was there', async ({ keychain, another }) => {
    await keychain.set(entry(GRANT, 'token-1'));
    await another.set(entry(GRANT, 'token-2'));
    equal(await read(keychain, GRANT), 'token-2');
  });

  test('a long value and an empty one come back as they were', async ({ keychain, another }) => {
    await keychain.set(entry(GRANT, LONG));
    await keychain.set(entry(SESSION, ''));
    equal(await read(another, GRANT), LONG);
    equal(await read(another, SESSION), '');
  });

  test('a value may grow and shrink, and nothing of it stays when it is removed', async ({
    keychain,
    another,
  }) => {
    for (const value of ['short', LONG, 'short again', LONG.slice(0, 3000)]) {
      await keychain.set(entry(SESSION, value));
      equal(await read(another, SESSION), value);
    }
    equal(await another.remove(SESSION), true);
    equal(await keychain.remove(SESSION), false);
    for (const part of [2, 3, 4]) {
      equal(await keychain.remove({ ...SESSION, account: `${SESSION.account} #${part}` }), false);
    }
  });

  test('removing says whether there was something', async ({ keychain, another }) => {
    equal(await keychain.remove(GRANT), false);
    await keychain.set(entry(GRANT, 'token-1'));
    equal(await another.remove(GRANT), true);
    equal(await read(keychain, GRANT), undefined);
  });

  test('items differ by service and by account', async ({ keychain, another }) => {
    const other = { ...GRANT, service: 'jit other.example.com' };
    await keychain.set(entry(GRANT, 'one'));
    await keychain.set(entry(other, 'two'));
    await keychain.set(entry(SESSION, 'three'));
    deepEqual(await Promise.all([GRANT, other, SESSION].map((item) => read(another, item))), [
      'one',
      'two',
      'three',
    ]);
  });

  test('items set at the same moment by two processes are all kept', async ({ keychain, another }) => {
    const items = Array.from({ length: 12 }, (_, index) => ({ ...GRANT, account: `grant ${index}` }));
    await Promise.all(
      items.map((item, index) => (index % 2 ? keychain : another).set(entry(item, item.account))),
    );
    const found = await Promise.all(items.map((item) => read(keychain, item)));
    deepEqual(
      found,
      items.map((item) => item.account),
    );
  });

  test('S14: the probe succeeds and changes nothing', async ({ keychain }) => {
    await keychain.set(entry(SESSION, 'session'));
    await keychain.probe();
    equal(await read(keychain, SESSION), 'session');
  });
}

function testExpiry(test: TestWorld): void {
  test('what has expired is removed, and only that', async ({ keychain, another }) => {
    const later = { ...GRANT, account: 'later' };
    await keychain.set(entry(GRANT, 'a', 1000));
    await keychain.set(entry({ ...GRANT, account: 'long' }, LONG, 900));
    await keychain.set(entry(later, 'b', 1001));
    await keychain.set(entry(SESSION, 'c', null));
    equal(await another.removeExpired(1000), 2);
    deepEqual(await Promise.all([GRANT, later, SESSION].map((item) => read(keychain, item))), [
      undefined,
      'b',
      'c',
    ]);
    equal(await keychain.removeExpired(1000), 0);
  });

  test('an end that moved is the one that counts', async ({ keychain, another }) => {
    await keychain.set(entry(GRANT, 'short', 1000));
    await keychain.set(entry(GRANT, 'extended', 2000));
    await keychain.set(entry(SESSION, 'once a grant', 1000));
    await keychain.set(entry(SESSION, 'for good', null));
    equal(await another.removeExpired(1500), 0);
    equal(await read(another, GRANT), 'extended');
    equal(await read(another, SESSION), 'for good');
  });

  test('an expired item that was removed before is not counted', async ({ keychain, another }) => {
    await keychain.set(entry(GRANT, 'a', 1000));
    await keychain.remove(GRANT);
    equal(await another.removeExpired(1000), 0);
  });
}

function entry(
  item: { readonly service: string; readonly account: string },
  text: string,
  expiresAt: number | null = null,
): KeychainEntry {
  return { ...item, secret: new Secret(text), expiresAt };
}

async function read(
  keychain: Keychain,
  item: { readonly service: string; readonly account: string },
): Promise<string | undefined> {
  return (await keychain.get(item))?.reveal();
}
