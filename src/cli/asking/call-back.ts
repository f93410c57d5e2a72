import { SECOND_MS } from '../../core/time.ts';
import type { World } from '../world.ts';

/** Who waited no longer than this is still looking. */
const LOOKED_AWAY_MS = 10 * SECOND_MS;

export type Calling = {
  /** When the waiting began, by the monotonic clock. */
  readonly startedMs: number;
  /** What to say. People wrote parts of it, and it is nothing secret. */
  readonly text: string;
};

/**
 * Calls whoever looked away while something took long: through the desktop, else through the terminal. Never in CI,
 * never where nobody can see it, and not where the configuration says `notify = false`.
 */
export async function callBack(world: World, { startedMs, text }: Calling): Promise<void> {
  const { clock, terminal, desktop } = world;
  if (clock.monotonicMs() - startedMs < LOOKED_AWAY_MS || !(await isWanted(world))) return;
  if (await desktop.show({ title: 'jit', text })) return;
  terminal.alert(`jit: ${text}`);
}

async function isWanted(world: World): Promise<boolean> {
  const { CI } = world.processes.environment;
  if (CI && CI !== '0' && CI !== 'false') return false;
  return (await world.readConfig()).notify !== false;
}
