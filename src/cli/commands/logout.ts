import type { Command } from 'commander';
import { encodeGrant } from '../../core/wire/grant.ts';
import type { CommandContext } from '../command.ts';
import { tellGivenBack } from '../giving-back/give-back-text.ts';
import { tellLeft } from '../giving-back/others-text.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { printJson } from '../text/output.ts';
import type { World } from '../world.ts';

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command).action(async (flags: CommonOptions) => exit(await run(world, flags)));
}

async function run(world: World, flags: CommonOptions): Promise<number> {
  const engineer = await world.connect(flags);
  // Read before, because logging out forgets the catalogue.
  const state = await world.state.read();
  const { wasLoggedIn, given, left } = await engineer.logout();
  const { tell, paint } = world.terminal;
  if (flags.json)
    printJson(world, {
      server: engineer.server,
      was_logged_in: wasLoggedIn,
      grants: given.map(({ grant }) => encodeGrant(grant)),
      left: left.map(({ view }) => encodeGrant(view)),
    });
  tellGivenBack(world, { server: engineer.server, state, given });
  for (const { view } of left) tellLeft(world, view, 'could not be given back');
  if (wasLoggedIn) tell(`${paint.good('✔')} logged out of ${engineer.server}`);
  else tell(`you were not logged in to ${engineer.server}`);
  return left.length === 0 && given.every(({ grant }) => grant.revocation.confirmed) ? 0 : 7;
}
