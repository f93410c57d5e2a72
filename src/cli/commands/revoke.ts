import type { Command } from 'commander';
import type { CommandContext } from '../command.ts';
import { giveBackNamed } from '../give-back.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';

type RevokeFlags = CommonOptions & { readonly all?: boolean; readonly target?: string };

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command)
    .argument('[grant...]', 'which grants; with none named the same as done')
    .option('--all', 'all of mine')
    .option('--target <target>', 'all of mine on this target')
    .action(async (ids: string[], flags: RevokeFlags) =>
      exit(await giveBackNamed(world, { ...flags, ids: flags.all ? [] : ids, because: 'revoked' })),
    );
}
