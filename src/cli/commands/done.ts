import type { Command } from 'commander';
import type { CommandContext } from '../command.ts';
import { giveBackNamed } from '../giving-back/give-back.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command)
    .argument('[grant...]', 'which grants; all of mine where none is named')
    .action(async (ids: string[], flags: CommonOptions) =>
      exit(await giveBackNamed(world, { ids, because: 'done', ...flags })),
    );
}
