import { afterAll, describe, test } from 'vitest';
import { openPostgresStore } from '../../src/adapters/store/postgres/open.ts';
import { peopleStoreSuite } from '../../src/testing/people-store.ts';
import { protocolStoreSuite } from '../../src/testing/protocol-store.ts';
import { storeSuite } from '../../src/testing/store.ts';
import { startTestStores } from '../support/postgres-stores.ts';

describe.each(['system', 'embedded'] as const)('Store on the %s PostgreSQL', async (kind) => {
  const stores = await startTestStores(kind);
  afterAll(() => stores?.stop());
  if (!stores) return test.skip(`no ${kind} PostgreSQL`);

  const address = await stores.makeDatabase();
  const open = async () => {
    await stores.clear(address);
    return await openPostgresStore({ address });
  };

  storeSuite({ test }, async () => {
    const { store, close } = await open();
    const reopen = async () => {
      await close();
      return (await openPostgresStore({ address })).store;
    };
    return { store, reopen };
  });
  protocolStoreSuite({ test }, open);
  peopleStoreSuite({ test }, open);
});
