import type { World } from '../../cli/world.ts';
import type { Ended, Program } from './program.ts';
import type { Stage } from './stage.ts';

/** What every chapter of the story is told with. */
export type Story = {
  readonly world: World;
  readonly stage: Stage;
  readonly jit: Program;
  /** The client that uses the database: `psql`, or the sample program where there is none. */
  readonly query: QueryClient;
};

export type QueryClient = {
  readonly name: string;
  /** Runs one statement with what `jit exec` gives, rows on stdout. */
  readonly command: (sql: string) => readonly string[];
};

/** A step that did not hold: the story ends here, with exit code 1. */
export class StepError extends Error {}

/** One step: said before it is done, ticked when it held. */
export async function step<T>(
  story: Pick<Story, 'world'>,
  title: string,
  action: () => Promise<T>,
): Promise<T> {
  const { tell, paint } = story.world.terminal;
  try {
    const result = await action();
    tell(`${paint.good('✔')} ${title}`);
    return result;
  } catch (error) {
    tell(`${paint.bad('✖')} ${title}`);
    throw error;
  }
}

export function requireThat(isTrue: boolean, why: string): void {
  if (!isTrue) throw new StepError(why);
}

/** The program ended as it should; else what it said is the reason. */
export function requireExit(ended: Ended, exitCode: number): Ended {
  if (ended.exitCode === exitCode) return ended;
  throw new StepError(
    `exit code ${ended.exitCode} instead of ${exitCode}: ${ended.stderr.trim() || ended.stdout.trim()}`,
  );
}

/** The one JSON document on stdout. */
export function readDocument(ended: Ended): Record<string, unknown> {
  try {
    return JSON.parse(ended.stdout) as Record<string, unknown>;
  } catch {
    throw new StepError(`stdout is not one JSON document: ${ended.stdout.slice(0, 200)}`);
  }
}
