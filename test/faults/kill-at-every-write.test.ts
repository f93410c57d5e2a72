import { afterAll, describe, expect, it } from 'vitest';
import { buildCrashingServer } from '../support/crash/driver.ts';
import { cutEverywhere, type Verdict } from '../support/crash/round.ts';
import { AT_ONCE, SCENES } from '../support/crash/scenes.ts';
import { openCrashStage } from '../support/crash/stage.ts';
import { startTestServer } from '../support/databases/postgres.ts';
import { FAULT_SEED, isWholeRound } from '../support/faults/seed.ts';

const database = await startTestServer('embedded', {
  max_connections: '400',
  scram_iterations: '1',
  autovacuum: 'off',
});
const program = database && (await buildCrashingServer());

afterAll(async () => {
  await program?.[Symbol.asyncDispose]();
  await database?.stop();
});

type Round = {
  readonly verdicts: ReadonlyMap<string, Verdict>;
  readonly left: readonly string[];
};

/** In an ordinary run the target that is a database has the scenes that end at it. */
const WORLDS = [
  { store: 'sqlite', kind: 'token', scenes: SCENES },
  { store: 'postgres', kind: 'token', scenes: SCENES },
  { store: 'sqlite', kind: 'postgres', scenes: isWholeRound ? SCENES : AT_ONCE },
  { store: 'postgres', kind: 'postgres', scenes: isWholeRound ? SCENES : {} },
] as const;

for (const { store, kind, scenes } of WORLDS) {
  const names = Object.keys(scenes);
  if (names.length === 0) continue;
  describe.skipIf(!database)(
    `kill -9 of the server at every write (store on ${store}, a target of kind ${kind}, seed ${FAULT_SEED})`,
    () => {
      let round: Promise<Round> | undefined;
      const play = async (): Promise<Round> => {
        if (!database || !program) throw new Error('there is no database');
        await using stage = await openCrashStage({
          program,
          name: `${store}_${kind}`,
          store: store === 'sqlite' ? store : { postgres: database },
          ...(kind === 'token' ? {} : { target: database }),
        });
        const verdicts = await cutEverywhere(stage, {
          scenes,
          seed: FAULT_SEED,
          // Every server has a pool of connections to a database.
          together: store === 'sqlite' && kind === 'token' ? 16 : 8,
        });
        return { verdicts, left: await stage.findLeft() };
      };

      it.each(names)(
        'I1, I2, I3, I4, I5, S4: %s: soon nothing is left, and the record is whole',
        async (name) => {
          round ??= play();
          const { points, violations } = (await round).verdicts.get(name) ?? { points: [], violations: {} };
          expect(violations).toEqual({});
          expect(points).toEqual(expect.arrayContaining([...(SCENES[name]?.passes ?? ['a scene'])]));
        },
        300_000,
      );

      it('I6: leaves no process, no file and no connection', async () => {
        round ??= play();
        expect((await round).left).toEqual([]);
      }, 300_000);
    },
  );
}
