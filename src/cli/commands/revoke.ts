import type { Command } from 'commander';
import { fail } from '../../core/errors.ts';
import type { CommandContext } from '../command.ts';
import { giveBackNamed } from '../giving-back/give-back.ts';
import { type RevokeManyFlags, revokeSelected } from '../giving-back/revoke-many.ts';
import { addCommonOptions } from '../options.ts';
import type { World } from '../world.ts';

type RevokeFlags = RevokeManyFlags & { readonly all?: boolean };

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command)
    .argument('[grant...]', 'which grants; with none named the same as done')
    .option('--all', 'all of mine')
    .option('--user <name>', 'everything of this person: grants, open requests and sessions')
    .option('--target <target>', 'everything on this target that I may take away')
    .option('--everyone', 'everything of everybody')
    .option('--yes', 'do not ask whether it is meant')
    .option('--count <number>', 'with --everyone: how many live grants that is')
    .action(async (ids: string[], flags: RevokeFlags) => exit(await run(world, ids, flags)));
}

async function run(world: World, ids: readonly string[], flags: RevokeFlags): Promise<number> {
  const isSelection = flags.user !== undefined || flags.target !== undefined || flags.everyone === true;
  if (isSelection && ids.length > 0)
    throw fail('usage', { why: 'name grants, or say whose with --user, --target or --everyone' });
  if (flags.all && (flags.user !== undefined || flags.everyone))
    throw fail('usage', { why: '--all is all of mine: leave out --user and --everyone' });
  if (isSelection && !flags.all) return revokeSelected(world, flags);
  return giveBackNamed(world, { ...flags, ids: flags.all ? [] : ids, because: 'revoked' });
}
