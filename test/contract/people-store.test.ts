import { afterAll, describe, test } from 'vitest';
import { IN_MEMORY, openSqliteStore } from '../../src/adapters/store/sqlite/open.ts';
import { peopleStoreSuite } from '../../src/testing/people-store.ts';
import { makeFolder } from '../support/store/folder.ts';

describe('PeopleStore on SQLite in memory', () => {
  peopleStoreSuite({ test }, () => openSqliteStore({ path: IN_MEMORY }));
});

describe('PeopleStore on SQLite in a file', async () => {
  const place = await makeFolder();
  afterAll(() => place[Symbol.asyncDispose]());
  let made = 0;
  peopleStoreSuite({ test }, () => {
    made += 1;
    return openSqliteStore({ path: `${place.path}-${made}` });
  });
});
