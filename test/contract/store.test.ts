import { afterAll, describe, test } from 'vitest';
import { IN_MEMORY, openSqliteStore } from '../../src/adapters/store/sqlite/open.ts';
import { storeSuite } from '../../src/testing/store.ts';
import { makeFolder } from '../support/store/folder.ts';

describe('Store on SQLite in memory', () => {
  storeSuite({ test }, async () => ({ store: (await openSqliteStore({ path: IN_MEMORY })).store }));
});

describe('Store on SQLite in a file', async () => {
  const place = await makeFolder();
  afterAll(() => place[Symbol.asyncDispose]());
  let made = 0;
  storeSuite({ test }, async () => {
    made += 1;
    const path = `${place.path}-${made}`;
    const { store, close } = await openSqliteStore({ path });
    const reopen = async () => {
      await close();
      return (await openSqliteStore({ path })).store;
    };
    return { store, reopen };
  });
});
