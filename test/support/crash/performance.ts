import { JitError } from '../../../src/core/errors.ts';
import { logIn as logInAtTarget } from '../databases/postgres.ts';
import type { FaultPlace } from '../faults/config.ts';
import { isFair } from '../faults/load.ts';
import type { WatchedCast } from './cast.ts';
import type { CrashingProcess, CrashingServer } from './driver.ts';
import { persist } from './persist.ts';
import type { Recovery } from './recovery.ts';
import type { Standing } from './scene.ts';
import type { Cut } from './stage.ts';

/** Far more than any scene takes. */
const LONGEST_MS = 60_000;

export type Performance = {
  readonly process: CrashingProcess;
  readonly place: FaultPlace;
  readonly cut: Cut;
  readonly watched: WatchedCast;
};

/** A scene as it was when its server stopped, or at its end. */
export type Performed = Pick<Recovery, 'over' | 'goOn'> &
  Omit<Performance, 'process'> & {
    readonly points: readonly string[];
    readonly violations: readonly string[];
    readonly isMissed: boolean;
  };

/** Plays a scene until its server stands still at the fail point, or to its end. */
export async function perform({ process, ...parts }: Performance): Promise<Performed> {
  const { place, cut, watched } = parts;
  const { scene, point } = cut;
  const server = await persist(() => process.openServer(place));
  const standing = (await scene.prepare?.(watched.cast)) ?? null;
  const credential = standing?.claimed?.credential;
  const hasLogin = credential?.environment.PGUSER !== undefined;
  const over = credential && hasLogin ? [(await logInAtTarget(credential)).closed] : [];
  await server.arm({ ...scene.arming, at: point });
  const acting = scene.act(watched.cast, standing);
  const end = await Promise.race([
    server.frozen.then(() => 'frozen' as const),
    awaitEnd(cut, acting, server),
    giveUp(),
  ]);
  const isAsWanted = end === (point === null ? 'ended' : 'frozen');
  return {
    ...parts,
    points: server.points,
    over,
    isMissed: point !== null && end === 'ended',
    goOn: () => goOn(parts, standing),
    violations: isAsWanted ? [] : [`it was not stopped ${point}, but ${end}`],
  };
}

async function awaitEnd(cut: Cut, acting: Promise<unknown>, server: CrashingServer): Promise<string> {
  const { until } = cut.scene;
  // Whose answer is lost or refused is told so; what counts there is on record.
  if (until !== 'answer') {
    acting.catch(() => {});
    await server.recorded(until.recorded);
    return 'ended';
  }
  return await acting.then(
    () => 'ended',
    (error: unknown) => `answered with ${error}`,
  );
}

function giveUp(): Promise<string> {
  return new Promise((resolve) => setTimeout(() => resolve('never ended'), LONGEST_MS).unref());
}

/** Who got no answer asks again, and is answered: as if nothing had happened, or that it has happened. */
async function goOn(
  { cut, watched }: Pick<Performance, 'cut' | 'watched'>,
  standing: Standing | null,
): Promise<readonly string[]> {
  if (cut.scene.until !== 'answer') return [];
  try {
    await cut.scene.act(watched.cast, standing);
    return [];
  } catch (error) {
    if (isFair(error)) return [];
    return [`asked again, it was answered with ${error instanceof JitError ? error.code : error}`];
  }
}
