import { runInteractive } from './quickstart/interactive.ts';
import type { QuickstartParts } from './quickstart/parts.ts';
import { runUnattended } from './quickstart/unattended.ts';

/** The whole of jit on this machine: for a person to play with, or telling the whole story by itself. */
export async function quickstart(parts: QuickstartParts): Promise<number> {
  const isAlone = parts.unattended || !parts.world.terminal.interactive;
  return isAlone ? runUnattended(parts) : runInteractive(parts);
}
