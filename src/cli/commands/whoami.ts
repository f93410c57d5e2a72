import type { Command } from 'commander';
import { formatClock } from '../../core/time.ts';
import type { CommandContext } from '../command.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { encodePerson, printJson } from '../output.ts';
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
  world.terminal.print(`${person.name} on ${engineer.server}`);
  world.terminal.print(`  subject  ${person.subject} (${person.kind})`);
  world.terminal.print(`  groups   ${person.groups.join(', ') || 'none'}`);
  world.terminal.print(`  login    by ${person.login.method}, ${since}`);
  return 0;
}
