import type { Command } from 'commander';
import { neutralise } from '../../core/text.ts';
import { formatClock } from '../../core/time.ts';
import type { CommandContext } from '../command.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { encodePerson, printJson } from '../text/output.ts';
import { withLogin } from '../with-login.ts';
import type { World } from '../world.ts';

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command).action(async (flags: CommonOptions) => exit(await run(world, flags)));
}

async function run(world: World, flags: CommonOptions): Promise<number> {
  const engineer = await world.connect(flags);
  const person = await withLogin(world, engineer, () => engineer.readPerson());
  if (flags.json) {
    printJson(world, { server: engineer.server, ...encodePerson(person) });
    return 0;
  }
  const since = formatClock(person.login.at, { now: world.clock.now(), timeZone: world.timeZone });
  const lines = [
    `${person.name} on ${engineer.server}`,
    `  subject  ${person.subject} (${person.kind})`,
    `  groups   ${person.groups.join(', ') || 'none'}`,
    `  login    by ${person.login.method}, ${since}`,
  ];
  world.terminal.print(lines.map(neutralise).join('\n'));
  return 0;
}
