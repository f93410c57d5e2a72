import type { Command } from 'commander';
import type { CommandContext } from '../command.ts';

/** Hidden: runs in the background and deletes copies whose time is over. */
export function define(command: Command, { world }: CommandContext): void {
  command.action(() => world.reap());
}
