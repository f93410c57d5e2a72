import type { Command } from 'commander';
import { formatInstant } from '../../core/time.ts';
import { chooseHeld } from '../choose.ts';
import type { CommandContext } from '../command.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { printJson } from '../output.ts';
import type { World } from '../world.ts';

type TokenFlags = CommonOptions & { readonly scope?: string; readonly on?: string };

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command)
    .option('--scope <scope>', 'the grant that has this scope')
    .option('--on <target>', 'the grant on this target')
    .action(async (flags: TokenFlags) => exit(await run(world, flags)));
}

/** Never prompts, never opens a browser: what it needs is here already, or it says what is missing. */
async function run(world: World, flags: TokenFlags): Promise<number> {
  const engineer = await world.connect(flags);
  const fitting = await engineer.findFitting({ scope: flags.scope, target: flags.on });
  const silent = { ...world, terminal: { ...world.terminal, interactive: false } };
  const held = await chooseHeld(silent, fitting);
  const { token } = await engineer.requireSecret(held);
  if (!flags.json) {
    world.terminal.print(token.reveal());
    return 0;
  }
  const { id, scopes, target, expiresAt } = held.view;
  printJson(world, {
    grant_id: id,
    scopes,
    target,
    expires_at: formatInstant(expiresAt),
    token: token.reveal(),
  });
  return 0;
}
