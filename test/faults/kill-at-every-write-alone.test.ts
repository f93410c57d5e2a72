import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { OpenStore } from '../../src/adapters/store/opened.ts';
import { openPostgresStore } from '../../src/adapters/store/postgres/open.ts';
import type { PostgresAddress } from '../../src/adapters/store/postgres/pool.ts';
import { openSqliteStore } from '../../src/adapters/store/sqlite/open.ts';
import { CLOCKWORK } from '../support/crash/clockwork.ts';
import { goOn } from '../support/crash/clockwork-flows.ts';
import { watchStatements } from '../support/crash/crashing-statements.ts';
import { findFastFolder } from '../support/crash/fast-folder.ts';
import { cutFlow, type Flow } from '../support/crash/flow-cuts.ts';
import {
  confirmRestored,
  type OpenStage,
  removeStray,
  rotateOwnKeys,
  tellChannel,
} from '../support/crash/flows.ts';
import { rotateAccount, rotateAdministrator } from '../support/crash/password-flows.ts';
import { ALONE } from '../support/crash/scene-list.ts';
import { realClock } from '../support/databases/postgres.ts';
import { startTestStores } from '../support/databases/postgres-stores.ts';

const stores = await startTestStores('embedded', { scram_iterations: '1' });
const folder = await mkdtemp(join(findFastFolder(), 'jit-alone-'));
const opened: OpenStore[] = [];
let made = 0;
let address: PostgresAddress | undefined;

watchStatements();

const closeAll = async (): Promise<void> => {
  for (const { close } of opened.splice(0)) await close();
};

afterEach(closeAll);

afterAll(async () => {
  await stores?.stop();
  await rm(folder, { recursive: true });
});

const OPEN: Readonly<Record<'sqlite' | 'postgres', () => Promise<OpenStore>>> = {
  sqlite: () => {
    made += 1;
    return openSqliteStore({ path: join(folder, `${made}.db`), clock: realClock });
  },
  // Another database each time would take longer than all the rest.
  postgres: async () => {
    if (!stores) throw new Error('there is no PostgreSQL');
    await closeAll();
    address ??= await stores.makeDatabase();
    await stores.clear(address);
    return await openPostgresStore({ address });
  },
};

for (const kind of ['sqlite', 'postgres'] as const) {
  const openStore: OpenStage = async () => {
    const store = await OPEN[kind]();
    opened.push(store);
    return store.store;
  };
  const judge = async <Stage>(flow: Flow<Stage>, passes: readonly string[]): Promise<void> => {
    const { points, violations } = await cutFlow(flow);
    expect(violations).toEqual({});
    expect(points).toEqual(expect.arrayContaining([...passes]));
  };

  describe.skipIf(!stores)(`whoever is stopped for good at any write (store on ${kind})`, () => {
    it('I1, I4, S4: while a stray is removed is followed by one that finds it, and it is on record once', () =>
      judge(removeStray(openStore), ALONE['a stray that is removed']));

    it('while a channel is told is followed by one that tells it, and nothing else of it is lost', () =>
      judge(tellChannel(openStore), ALONE['a channel that is told']));

    it('I4, TOK-08: while keys are rotated leaves one new key of each, each on record once', () =>
      judge(rotateOwnKeys(openStore), ALONE['keys that are rotated']));

    it('I4: while a restored store is confirmed is followed by one that confirms it, on record once', () =>
      judge(confirmRestored(openStore), ALONE['a restored store that is confirmed']));

    it.each(Object.entries(CLOCKWORK))(
      'I1, I2, I3, I4: %s: whoever comes next goes on, and the record is whole',
      (_, clockwork) => judge(goOn(clockwork, openStore), clockwork.passes),
    );

    it('I1, I4, S4: while an account’s password is replaced is followed by one that does it, on record once', async () => {
      if (!stores) return;
      const flow = rotateAccount({ openStore, target: stores.server, role: `account_${kind}` });
      await judge(flow, ALONE['an account’s password']);
    }, 120_000);

    it('I4, S4: while the administrator’s password is replaced locks nobody out, and it is on record once', async () => {
      if (!stores) return;
      const flow = rotateAdministrator({ openStore, target: stores.server, role: `keeper_${kind}` });
      await judge(flow, ALONE['the administrator’s password']);
    }, 120_000);
  });
}
