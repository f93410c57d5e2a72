import { afterAll, expect, it } from 'vitest';
import { openPostgresStore } from '../../src/adapters/store/postgres/open.ts';
import { hold } from '../support/crash/scene.ts';
import { startTestStores } from '../support/databases/postgres-stores.ts';
import { findViolations } from '../support/faults/invariants.ts';
import { startTwoReplicas } from '../support/faults/two-replicas.ts';
import { logIn } from '../support/programs/log-in.ts';
import { until } from '../support/until.ts';

/** A lease is 30 s. */
const LEASE_OVER_MS = 31_000;

const stores = await startTestStores('embedded');

afterAll(() => stores?.stop());

const OVERTAKEN_MS = 50_000;

it.skipIf(!stores)(
  'I2, I3: a replica that stands still with a removal under way past its lease is overtaken, and cannot finish it when it goes on',
  async () => {
    if (!stores) return;
    const address = await stores.makeDatabase();
    const goOn = Promise.withResolvers<void>();
    const removers: number[] = [];
    let skewMs = 0;
    const both = await startTwoReplicas(address, {
      skewMs: () => skewMs,
      beforeRemoval: async (which) => {
        removers.push(which);
        if (which === removers[0]) await goOn.promise;
      },
    });
    const { backend } = await logIn(both.url, { user: 'dev' });
    const id = (await hold(backend)).claimed?.grant.id ?? '';
    const revoking = backend.revoke(id, 'done').catch(() => undefined);
    await until('at it', async () => removers.length === 1);
    expect(await backend.readGrant(id)).toMatchObject({ state: 'revoking' });
    skewMs = LEASE_OVER_MS;
    // The one that stands still here may take the same work once more, and has it for another lease then.
    await until('overtaken', async () => (await backend.readGrant(id)).state === 'ended', OVERTAKEN_MS);
    expect(new Set(removers).size).toBe(2);
    goOn.resolve();
    await revoking;
    expect(both.errors()).toEqual([]);
    // What is in hand is finished before a server stops.
    await both[Symbol.asyncDispose]();
    const { store, close } = await openPostgresStore({ address });
    const events = await store.listEvents({ grantId: id, limit: 99 });
    expect(events.filter(({ kind }) => kind === 'grant.ended')).toHaveLength(1);
    expect(await findViolations({ store, now: Date.now() + skewMs })).toEqual([]);
    await close();
  },
  120_000,
);
