import { afterAll, describe, test } from 'vitest';
import type { OpenStore } from '../../src/adapters/store/opened.ts';
import { openPostgresStore } from '../../src/adapters/store/postgres/open.ts';
import { peopleStoreSuite } from '../../src/testing/people-store.ts';
import { protocolStoreSuite } from '../../src/testing/protocol-store.ts';
import { storeSuite } from '../../src/testing/store.ts';
import { startTestStores } from '../support/databases/postgres-stores.ts';
import { alternate, alternateStores } from '../support/faults/alternate.ts';

/** Every suite is over two servers of one database, which take turns. */
describe.each(['system', 'embedded'] as const)('two servers on the %s PostgreSQL', async (kind) => {
  const stores = await startTestStores(kind);
  afterAll(() => stores?.stop());
  if (!stores) return test.skip(`no ${kind} PostgreSQL`);

  const address = await stores.makeDatabase();
  const openBoth = async () => {
    const [first, second] = await Promise.all([
      openPostgresStore({ address }),
      openPostgresStore({ address }),
    ]);
    const close = async (): Promise<void> => {
      await Promise.all([first.close(), second.close()]);
    };
    return { first, second, close };
  };
  const openEmpty = async () => {
    await stores.clear(address);
    return await openBoth();
  };
  const asOne = ({ first, second }: { readonly first: OpenStore; readonly second: OpenStore }) =>
    alternateStores(first.store, second.store);

  storeSuite({ test }, async () => {
    const both = await openEmpty();
    const reopen = async () => {
      await both.close();
      return asOne(await openBoth());
    };
    return { store: asOne(both), reopen };
  });

  protocolStoreSuite({ test }, async () => {
    const { first, second, close } = await openEmpty();
    return { protocol: alternate(first.protocol, second.protocol), close };
  });

  peopleStoreSuite({ test }, async () => {
    const { first, second, close } = await openEmpty();
    return { people: alternate(first.people, second.people), close };
  });
});
