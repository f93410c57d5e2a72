import type { Command } from 'commander';
import type { CommandContext } from '../command.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { printJson } from '../output.ts';
import type { World } from '../world.ts';

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command).action(async (flags: CommonOptions) => exit(await run(world, flags)));
}

async function run(world: World, flags: CommonOptions): Promise<number> {
  const engineer = await world.connect(flags);
  const { wasLoggedIn, givenBack } = await engineer.logout();
  const { tell, paint } = world.terminal;
  if (flags.json)
    printJson(world, { server: engineer.server, was_logged_in: wasLoggedIn, given_back: givenBack });
  if (!wasLoggedIn) tell(`you were not logged in to ${engineer.server}`);
  else
    tell(
      `${paint.good('✔')} logged out of ${engineer.server}${givenBack > 0 ? `, ${givenBack} given back` : ''}`,
    );
  return 0;
}
