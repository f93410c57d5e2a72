import { createRandom } from '../random.ts';
import type { Scene } from './scene.ts';
import type { CrashStage, Cut, Outcome } from './stage.ts';

/** Of one scene: the fail points where the server was killed, and what did not hold after that, by fail point. */
export type Verdict = {
  readonly points: readonly string[];
  readonly violations: Readonly<Record<string, readonly string[]>>;
};

export type RoundOptions = {
  readonly scenes: Readonly<Record<string, Scene>>;
  /** Decides which of them run at the same time, and in which order. */
  readonly seed: number;
  /** Servers in one process. */
  readonly together?: number;
  /** Processes at once: one is at work while what another one left is looked at. */
  readonly processes?: number;
  /** Left out, every fail point is. */
  readonly isWanted?: (point: string) => boolean;
};

/** Which of two that run at once is first is not the same every time, and with it how often a place is passed. */
const TRIES = 3;

/** Plays every scene, and again for each of its fail points, to be killed there. */
export async function cutEverywhere(
  stage: CrashStage,
  options: RoundOptions,
): Promise<ReadonlyMap<string, Verdict>> {
  const { scenes, seed, isWanted = () => true } = options;
  const { shuffle } = createRandom(seed);
  const play = (cuts: readonly Cut[]): Promise<readonly Outcome[]> => playAll(stage, cuts, options);
  const whole = Object.entries(scenes).map(([name, scene]) => ({ name, scene, point: null }));
  const rehearsed = await play(shuffle(whole));
  const cuts = rehearsed.flatMap(({ cut, points }) =>
    points.filter(isWanted).map((point) => ({ ...cut, point })),
  );
  const outcomes = [...rehearsed, ...(await playUntilReached(play, shuffle(cuts)))];
  return new Map(
    Object.keys(scenes).map((name) => [name, judge(outcomes.filter(({ cut }) => cut.name === name))]),
  );
}

/** Where the server never came again was nothing to see: the scenes say which places must be there. */
function judge(outcomes: readonly Outcome[]): Verdict {
  const reached = outcomes.filter(({ isMissed }) => !isMissed);
  const found = reached.filter(({ violations }) => violations.length > 0);
  return {
    points: reached.flatMap(({ cut }) => cut.point ?? []),
    violations: Object.fromEntries(
      found.map(({ cut, violations }) => [cut.point ?? 'to its end', violations]),
    ),
  };
}

async function playUntilReached(
  play: (cuts: readonly Cut[]) => Promise<readonly Outcome[]>,
  cuts: readonly Cut[],
): Promise<readonly Outcome[]> {
  let outcomes = await play(cuts);
  for (let tries = 1; tries < TRIES; tries += 1) {
    const missed = outcomes.filter(({ isMissed }) => isMissed);
    if (missed.length === 0) break;
    const again = await play(missed.map(({ cut }) => cut));
    outcomes = [...outcomes.filter(({ isMissed }) => !isMissed), ...again];
  }
  return outcomes;
}

async function playAll(
  stage: CrashStage,
  cuts: readonly Cut[],
  { together = 16, processes = 2 }: RoundOptions,
): Promise<readonly Outcome[]> {
  const waiting = [...cuts];
  const outcomes: Outcome[] = [];
  const work = async (): Promise<void> => {
    while (waiting.length > 0) outcomes.push(...(await stage.play(waiting.splice(0, together))));
  };
  // Where one fails, the other's process is over as well before anybody is told.
  const ends = await Promise.allSettled(Array.from({ length: processes }, work));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return outcomes;
}
