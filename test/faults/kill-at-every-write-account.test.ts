import { afterAll, describe, expect, it } from 'vitest';
import { buildCrashingServer } from '../support/crash/driver.ts';
import { cutEverywhere, type Verdict } from '../support/crash/round.ts';
import { ENDED, hold, readGrantId, requireStanding, type Scene } from '../support/crash/scene.ts';
import { openCrashStage } from '../support/crash/stage.ts';
import { startTestServer } from '../support/databases/postgres.ts';
import { FAULT_SEED } from '../support/faults/seed.ts';

const database = await startTestServer('embedded', { max_connections: '400', scram_iterations: '1' });
const program = database && (await buildCrashingServer());

afterAll(async () => {
  await program?.[Symbol.asyncDispose]();
  await database?.stop();
});

const SCENES: Readonly<Record<string, Scene>> = {
  'an account that is claimed': {
    act: ({ dev }) => hold(dev),
    until: 'answer',
    passes: [1, 2, 3, 4, 5, 6].map((step) => `after issue statement ${step}`),
  },
  'an account that is delivered again': {
    prepare: ({ dev }) => hold(dev),
    act: ({ dev }, standing) => dev.claim(requireStanding(standing).request.id),
    until: 'answer',
    passes: ['after issue statement 2'],
  },
  'an account that is given back': {
    prepare: ({ dev }) => hold(dev),
    act: ({ dev }, standing) => dev.revoke(readGrantId(standing), 'done'),
    until: ENDED,
    passes: [3, 4, 5, 6, 7, 8].map((step) => `after remove statement ${step}`),
  },
};

describe.skipIf(!database)('kill -9 of the server at every write to an account', () => {
  let round: Promise<ReadonlyMap<string, Verdict>> | undefined;
  const play = async (): Promise<ReadonlyMap<string, Verdict>> => {
    if (!database || !program) throw new Error('there is no database');
    await using stage = await openCrashStage({
      program,
      name: 'accounts',
      store: 'sqlite',
      target: database,
      makeAccount: async (run) => {
        const account = `app_${run}`;
        await database.sql(`CREATE ROLE ${account} LOGIN PASSWORD 'known to many';
          GRANT ${account} TO jit_admin WITH ADMIN OPTION`);
        return account;
      },
    });
    return await cutEverywhere(stage, {
      scenes: SCENES,
      seed: FAULT_SEED,
      together: 8,
      // What comes before a statement is what came after the last one; the store is cut in the same way for every grant.
      isWanted: (point) => /^after .* statement/.test(point),
    });
  };

  it.each(Object.entries(SCENES))(
    'I1, I2, I3, I4, I5, S4: %s: soon nobody can log in to it, and the record is whole',
    async (name, { passes }) => {
      round ??= play();
      const { points, violations } = (await round).get(name) ?? { points: [], violations: {} };
      expect(violations).toEqual({});
      expect(points).toEqual(expect.arrayContaining([...passes]));
    },
    180_000,
  );
});
