import { afterAll, describe, test } from 'vitest';
import { IN_MEMORY, openSqliteStore } from '../../src/adapters/store/sqlite/open.ts';
import { protocolStoreSuite } from '../../src/testing/protocol-store.ts';
import { makeFolder } from '../support/store/folder.ts';

describe('ProtocolStore on SQLite in memory', () => {
  protocolStoreSuite({ test }, () => openSqliteStore({ path: IN_MEMORY }));
});

describe('ProtocolStore on SQLite in a file', async () => {
  const place = await makeFolder();
  afterAll(() => place[Symbol.asyncDispose]());
  let made = 0;
  protocolStoreSuite({ test }, () => {
    made += 1;
    return openSqliteStore({ path: `${place.path}-${made}` });
  });
});
