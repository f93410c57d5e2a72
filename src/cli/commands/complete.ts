import type { LocalState } from '../../core/ports/local-state.ts';
import type { CommandContext } from '../command.ts';
import { Command } from '../commander.ts';

/** Hidden: answers the completion scripts, from this machine's memory alone. */
export function define(command: Command, context: CommandContext): void {
  command.argument('[words...]').action(async (words: string[]) => {
    const candidates = await complete(words, context);
    if (candidates.length > 0) context.world.terminal.print(candidates.join('\n'));
  });
}

async function complete(words: readonly string[], context: CommandContext): Promise<readonly string[]> {
  const current = words.at(-1) ?? '';
  const [name = ''] = words;
  const all = words.length <= 1 ? listCommands(context) : await listForCommand(name, words, context);
  return [...new Set(all)].filter((candidate) => candidate.startsWith(current));
}

function listCommands({ commands }: CommandContext): readonly string[] {
  return commands.filter((entry) => !entry.isHidden).map((entry) => entry.name);
}

async function listForCommand(
  name: string,
  words: readonly string[],
  context: CommandContext,
): Promise<readonly string[]> {
  const previous = words.at(-2) ?? '';
  const state = await context.world.state.read();
  const values = listValues(name, previous, state);
  const isOption = (words.at(-1) ?? '').startsWith('-');
  return isOption ? listOptions(name, context) : values;
}

async function listOptions(name: string, context: CommandContext): Promise<readonly string[]> {
  const entry = context.commands.find((candidate) => candidate.name === name && !candidate.isHidden);
  if (!entry) return [];
  const command = new Command(name);
  (await entry.load()).define(command, context);
  return command.options.flatMap((option) => (option.long ? [option.long] : []));
}

const DURATIONS = ['15m', '30m', '1h', '2h', '4h'];
const SHELLS = ['bash', 'zsh', 'fish'];

function listValues(name: string, previous: string, state: LocalState): readonly string[] {
  if (previous === '--on') return listTargets(state);
  if (previous === '--scope') return listScopeNames(state);
  if (previous === '--for' || previous === '--timeout') return DURATIONS;
  if (name === 'request') return listScopeNames(state);
  if (name === 'wait' || name === 'cancel') return state.requests.map(({ view }) => view.id);
  if (name === 'done' || name === 'revoke' || name === 'extend')
    return state.grants.map(({ view }) => view.id);
  if (name === 'login') return Object.keys(state.servers);
  return name === 'completion' ? SHELLS : [];
}

function listScopeNames(state: LocalState): readonly string[] {
  return Object.values(state.servers).flatMap((server) => server.scopes.map((scope) => scope.name));
}

function listTargets(state: LocalState): readonly string[] {
  return Object.values(state.servers).flatMap((server) =>
    server.scopes.flatMap((scope) => scope.targets.map((target) => target.name)),
  );
}
