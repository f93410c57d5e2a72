import type { Command } from 'commander';
import { encodeRequest } from '../../core/wire/request.ts';
import { chooseOpen } from '../choose.ts';
import type { CommandContext } from '../command.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { describeAccess, printJson } from '../text/output.ts';
import { withLogin } from '../with-login.ts';
import type { World } from '../world.ts';

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command)
    .argument('[request]', 'which request; the only open one where it is missing')
    .action(async (id: string | undefined, flags: CommonOptions) => exit(await run(world, id, flags)));
}

async function run(world: World, id: string | undefined, flags: CommonOptions): Promise<number> {
  const engineer = await world.connect(flags);
  const requestId = id ?? (await withLogin(world, engineer, () => chooseOpen(world, engineer)));
  const view = await withLogin(world, engineer, () => engineer.cancel(requestId));
  if (flags.json) printJson(world, { request: encodeRequest(view) });
  world.terminal.tell(`${world.terminal.paint.good('✔')} ${view.id} is cancelled · ${describeAccess(view)}`);
  return 0;
}
