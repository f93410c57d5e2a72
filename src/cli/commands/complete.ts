import { HELPERS } from '../../core/helpers/helpers.ts';
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

/** What every shell takes as it stands: it is put on a command line unquoted, and comes from a server in part. */
const WORD = /^[\w./:@%+,-]+$/;

async function complete(words: readonly string[], context: CommandContext): Promise<readonly string[]> {
  const current = words.at(-1) ?? '';
  const [name = ''] = words;
  // What is run, and its arguments, are the shell's own to complete.
  if (words.slice(0, -1).includes('--')) return [];
  const all = words.length <= 1 ? listCommands(context) : await listForCommand(name, words, context);
  return [...new Set(all)].filter((candidate) => candidate.startsWith(current) && WORD.test(candidate));
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
  const values =
    previous === '--profile'
      ? Object.keys((await context.world.readConfig()).profiles)
      : listValues(name, words, state);
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
/** Options with a value that nobody can guess. */
const FREE_TEXT = ['--reason', '--ticket', '--limit', '--digest', '--count', '--user'];
const REVIEWS = ['inbox', 'approve', 'deny', 'review'];
/** By the setting that was named before. */
const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  keychain: ['os', 'file'],
  notify: ['on', 'off'],
};
/** By command and place. */
const FIXED: Readonly<Record<string, readonly (readonly string[])[]>> = {
  completion: [['bash', 'zsh', 'fish']],
  credential: [HELPERS.map(({ name }) => name)],
  config: [['server', 'keychain', 'notify']],
};

function listValues(name: string, words: readonly string[], state: LocalState): readonly string[] {
  const previous = words.at(-2) ?? '';
  if (['--on', '--target', '--confirm'].includes(previous)) return listTargets(state, words);
  if (['--scope', '--only', '--without'].includes(previous)) return listScopeNames(state);
  if (FREE_TEXT.includes(previous)) return [];
  if (previous === '--for' || previous === '--timeout') return DURATIONS;
  if (name === 'request') return listScopeNames(state);
  if (name === 'wait' || name === 'cancel') return state.requests.map(({ view }) => view.id);
  if (name === 'done' || name === 'revoke' || name === 'extend')
    return state.grants.map(({ view }) => view.id);
  if (REVIEWS.includes(name)) return Object.values(state.servers).flatMap((server) => server.inbox ?? []);
  if (name === 'login') return Object.keys(state.servers);
  if (name === 'config' && words.length === 3) return SETTINGS[previous] ?? [];
  return FIXED[name]?.[words.length - 2] ?? [];
}

function listScopeNames(state: LocalState): readonly string[] {
  return Object.values(state.servers).flatMap((server) => server.scopes.map((scope) => scope.name));
}

/** Those that the scopes on the line cover; all of them where there is none. */
function listTargets(state: LocalState, words: readonly string[]): readonly string[] {
  const all = Object.values(state.servers).flatMap((server) => server.scopes);
  const named = all.filter((scope) => words.includes(scope.name));
  return (named.length > 0 ? named : all).flatMap((scope) => scope.targets.map((target) => target.name));
}
