import type { Command } from 'commander';
import type { CommandContext } from '../command.ts';

export function define(command: Command, { world, exit }: CommandContext): void {
  command
    .option(
      '--unattended',
      'tell the whole story without a person, then stop everything; so too where stdin is no terminal',
    )
    .action(async (flags: { readonly unattended?: boolean }) =>
      exit(await world.quickstart({ unattended: flags.unattended ?? false })),
    );
}
