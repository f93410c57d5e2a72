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

const SCENES: Readonly<Record<string, Scene & { readonly passes: readonly string[] }>> = {
  'a request and its claim': {
    holds: false,
    act: (backend) => backend.submit(buildSubmission()),
    until: 'answer',
    passes: ['after request.submitted', 'before issue statement 1', 'after grant.activated'],
  },
  'a claim that fails at the target': {
    arming: { probeFails: true },
    holds: false,
    act: (backend) => backend.submit(buildSubmission()),
    until: 'ended',
    passes: ['after grant.failed', 'after taking remove', 'after grant.ended'],
  },
  'a claim that is delivered again': {
    holds: true,
    act: (backend, held) => backend.claim(held?.request.id ?? ''),
    until: 'answer',
    passes: ['after issue statement 1', 'before grant.redelivered'],
  },
  'more time': {
    holds: true,
    act: (backend, held) =>
      backend.submit(buildSubmission({ extendsGrantId: held?.grant.id ?? '', durationSeconds: 3600 })),
    until: 'answer',
    passes: ['after extend statement 1', 'before grant.extended'],
  },
  'a grant that is given back': {
    holds: true,
    act: (backend, held) => backend.revoke(held?.grant.id ?? '', 'done'),
    until: 'ended',
    passes: [
      'before grant.revoking',
      'after taking remove',
      'after remove statement 2',
      'before grant.ended',
    ],
  },
  'a grant that reaches its end': {
    holds: true,
    arming: { skewMs: 3_600_000 },
    act: async () => {},
    until: 'ended',
    passes: ['after taking expire', 'before grant.revoking', 'after grant.ended'],
  },
};

describe.skipIf(!database)(
  'kill -9 of the server at every write, and a start past the end of the grant',
  () => {
    it.concurrent.each(Object.entries(SCENES))(
      'I1, I2, I3, I4, S4: %s: within 5 s nothing is left, and the record is whole',
      async (_, scene) => {
        if (!database || !program) return;
        await using stage = await openCrashStage(database, { program });
        const points = await stage.rehearse(scene);
        expect(points).toEqual(expect.arrayContaining([...scene.passes]));
        const violations = new Map<string, readonly string[]>();
        for (const point of points) {
          const found = await stage.cutAt(scene, point);
          if (found.length > 0) violations.set(point, found);
        }
        expect(Object.fromEntries(violations)).toEqual({});
      },
      180_000,
    );
  },
);
