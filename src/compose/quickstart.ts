import type { QuickstartOptions, World } from '../cli/world.ts';
import { runInteractive } from './quickstart/interactive.ts';
import { runUnattended } from './quickstart/unattended.ts';

export type QuickstartParts = QuickstartOptions & {
  readonly world: World;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The program itself, which the story starts as a person would. */
  readonly jitPath: string;
};

/** The whole of jit on this machine: for a person to play with, or telling the whole story by itself. */
export async function quickstart(parts: QuickstartParts): Promise<number> {
  const isAlone = parts.unattended || !parts.world.terminal.interactive;
  return isAlone ? runUnattended(parts) : runInteractive(parts);
}
