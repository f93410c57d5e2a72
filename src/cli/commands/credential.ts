import type { Command } from 'commander';
import { fail, JitError } from '../../core/errors.ts';
import type { Helper } from '../../core/helpers/helper.ts';
import { HELPERS } from '../../core/helpers/helpers.ts';
import { formatJson } from '../../core/text.ts';
import { chooseHeld } from '../choose.ts';
import type { CommandContext } from '../command.ts';
import { Option } from '../commander.ts';
import type { World } from '../world.ts';

type CredentialFlags = { readonly profile?: string; readonly scope?: string; readonly on?: string };

export function define(command: Command, { world, exit }: CommandContext): void {
  command
    .argument('<kind>', HELPERS.map(({ name }) => name).join(' or '))
    .option('--scope <scope>', 'the grant that has this scope')
    .option('--on <target>', 'the grant on this target')
    .addOption(new Option('--profile <name>', 'a profile of the configuration'))
    .action(async (kind: string, flags: CredentialFlags) => exit(await run(world, kind, flags)));
}

/** For a program that waits: never prompts, never opens a browser, and stdout has the document or nothing. */
async function run(world: World, kind: string, flags: CredentialFlags): Promise<number> {
  try {
    world.terminal.print(await read(world, requireHelper(kind), flags));
    return 0;
  } catch (error) {
    return reportInOneLine(world, error, flags);
  }
}

async function read(world: World, helper: Helper, flags: CredentialFlags): Promise<string> {
  const engineer = await world.connect({ ...flags, isUnattended: true, patienceMs: 0 });
  const wanted = { scope: flags.scope, target: flags.on };
  const fitting = await engineer.findForHelper(wanted);
  const silent = { ...world, terminal: { ...world.terminal, interactive: false } };
  const held = await chooseHeld(silent, { fitting, wanted, listHeld: engineer.listHeld });
  const secret = await engineer.readForHelper(held);
  const { environment } = world.processes;
  return formatJson(helper.build({ grant: held.view, secret, environment }));
}

function requireHelper(kind: string): Helper {
  const helper = HELPERS.find(({ name }) => name === kind);
  if (helper) return helper;
  const known = HELPERS.map(({ name }) => name).join(' and ');
  throw fail('usage', { why: `there is no helper "${kind}": jit credential knows ${known}` });
}

/** The other program shows it among its own words: what is wrong, and the command that helps. */
function reportInOneLine(world: World, error: unknown, { profile }: CredentialFlags): number {
  if (!(error instanceof JitError)) throw error;
  // A grant is asked for where it was missed.
  const isCommand = error.code === 'no_grant' && profile !== undefined;
  const hint = isCommand ? `${error.hint} --profile ${profile}` : error.hint;
  world.terminal.tell(`jit: ${error.message}; ${hint}`);
  return error.exitCode;
}
