import { afterAll, describe, expect, it } from 'vitest';
import { buildCrashingServer } from '../support/crash-driver.ts';
import { buildSubmission, openCrashStage, type Scene } from '../support/crash-scene.ts';
import { startTestServer } from '../support/postgres.ts';

const database = await startTestServer('embedded');
const program = database && (await buildCrashingServer());

afterAll(async () => {
  await program?.[Symbol.asyncDispose]();
  await database?.stop();
});

type AccountScene = Scene & { readonly account: string; readonly passes: readonly string[] };

// An account each: they run at the same time, and one at a time has an account.
const SCENES: Readonly<Record<string, AccountScene>> = {
  'an account that is claimed': {
    account: 'app_claimed',
    holds: false,
    act: (backend) => backend.submit(buildSubmission()),
    until: 'answer',
    passes: [1, 2, 3, 4, 5, 6].map((step) => `after issue statement ${step}`),
  },
  'an account that is delivered again': {
    account: 'app_again',
    holds: true,
    act: (backend, held) => backend.claim(held?.request.id ?? ''),
    until: 'answer',
    passes: ['after issue statement 2'],
  },
  'an account that is given back': {
    account: 'app_back',
    holds: true,
    act: (backend, held) => backend.revoke(held?.grant.id ?? '', 'done'),
    until: 'ended',
    passes: [3, 4, 5, 6, 7, 8].map((step) => `after remove statement ${step}`),
  },
};

describe.skipIf(!database)('kill -9 of the server at every write to an account', () => {
  it.concurrent.each(Object.entries(SCENES))(
    'I1, I2, I3, I4, S4: %s: within 5 s nobody can log in to it, and the record is whole',
    async (_, scene) => {
      if (!database || !program) return;
      const { account } = scene;
      await database.sql(`CREATE ROLE ${account}; GRANT ${account} TO jit_admin WITH ADMIN OPTION`);
      const open = `ALTER ROLE ${account} LOGIN PASSWORD 'known to many'; COMMENT ON ROLE ${account} IS NULL`;
      const prepare = () => database.sql(open);
      await using stage = await openCrashStage(database, { program, account, prepare });
      const points = await stage.rehearse(scene);
      expect(points).toEqual(expect.arrayContaining([...scene.passes]));
      const violations = new Map<string, readonly string[]>();
      // What comes before a statement is what came after the last one; the store is cut in the same way for every grant.
      for (const point of points.filter((name) => /^after .* statement/.test(name))) {
        const found = await stage.cutAt(scene, point);
        if (found.length > 0) violations.set(point, found);
      }
      expect(Object.fromEntries(violations)).toEqual({});
    },
    180_000,
  );
});
