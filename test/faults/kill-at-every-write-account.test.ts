import { afterAll, describe, expect, it } from 'vitest';
import { buildCrashingServer } from '../support/crash-driver.ts';
import { cutEverywhere } from '../support/crash-round.ts';
import { ENDED, hold, readGrantId, requireStanding, type Scene } from '../support/crash-scene.ts';
import { openCrashStage } from '../support/crash-stage.ts';
import { FAULT_SEED } from '../support/fault-seed.ts';
import { startTestServer } from '../support/postgres.ts';

const database = await startTestServer('embedded');
const program = database && (await buildCrashingServer());

afterAll(async () => {
  await program?.[Symbol.asyncDispose]();
  await database?.stop();
});

// An account each: they run at the same time, and one at a time has an account.
const SCENES: Readonly<Record<string, Scene & { readonly account: string }>> = {
  'an account that is claimed': {
    account: 'app_claimed',
    act: ({ dev }) => hold(dev),
    until: 'answer',
    passes: [1, 2, 3, 4, 5, 6].map((step) => `after issue statement ${step}`),
  },
  'an account that is delivered again': {
    account: 'app_again',
    prepare: ({ dev }) => hold(dev),
    act: ({ dev }, standing) => dev.claim(requireStanding(standing).request.id),
    until: 'answer',
    passes: ['after issue statement 2'],
  },
  'an account that is given back': {
    account: 'app_back',
    prepare: ({ dev }) => hold(dev),
    act: ({ dev }, standing) => dev.revoke(readGrantId(standing), 'done'),
    until: ENDED,
    passes: [3, 4, 5, 6, 7, 8].map((step) => `after remove statement ${step}`),
  },
};

describe.skipIf(!database)('kill -9 of the server at every write to an account', () => {
  it.concurrent.each(Object.entries(SCENES))(
    'I1, I2, I3, I4, I5, S4: %s: soon nobody can log in to it, and the record is whole',
    async (name, { account, ...scene }) => {
      if (!database || !program) return;
      await database.sql(`CREATE ROLE ${account}; GRANT ${account} TO jit_admin WITH ADMIN OPTION`);
      const open = `ALTER ROLE ${account} LOGIN PASSWORD 'known to many'; COMMENT ON ROLE ${account} IS NULL`;
      await using stage = await openCrashStage({
        program,
        name: account,
        store: 'sqlite',
        target: database,
        account,
        prepare: () => database.sql(open),
      });
      const verdicts = await cutEverywhere(stage, {
        scenes: { [name]: scene },
        seed: FAULT_SEED,
        together: 1,
        processes: 1,
        // What comes before a statement is what came after the last one; the store is cut in the same way for every grant.
        isWanted: (point) => /^after .* statement/.test(point),
      });
      const { points, violations } = verdicts.get(name) ?? { points: [], violations: {} };
      expect(violations).toEqual({});
      expect(points).toEqual(expect.arrayContaining([...scene.passes]));
    },
    180_000,
  );
});
