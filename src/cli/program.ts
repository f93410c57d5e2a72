import { fail } from '../core/errors.ts';
import { NOT_RUN } from '../core/exit-codes.ts';
import type { CommandContext, CommandEntry } from './command.ts';
import { Command, CommanderError } from './commander.ts';
import { commands } from './commands/index.ts';
import { reportError } from './report-error.ts';
import type { World } from './world.ts';

/** Runs one command line and resolves with the exit code. Nothing is thrown. */
export async function runProgram(argv: readonly string[], world: World): Promise<number> {
  let exitCode = 0;
  const context: CommandContext = { commands, world, exit: (code) => (exitCode = code) };
  try {
    const words = asOption(argv);
    const program = await buildProgram(words, context);
    await program.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const shown = error instanceof CommanderError ? describeUsage(error) : error;
    return report(world, { argv, error: shown });
  }
}

/** `jit help request` as `jit request --help`: the library's own command knows neither itself nor what there is not. */
function asOption(argv: readonly string[]): string[] {
  const [first, ...others] = argv;
  if (first !== 'help') return [...argv];
  const about = others.find((word) => word !== 'help' && !word.startsWith('-'));
  if (about === undefined) return ['--help'];
  return commands.some(({ name }) => name === about) ? [about, '--help'] : [about];
}

/** Says that the command can never end, and with what code it is left. */
export function reportStall(argv: readonly string[], world: World): number {
  const why = 'it waits for an answer that cannot come any more';
  return report(world, { argv, error: fail('failed', { why }) });
}

/** All went well, and nobody can read it: says so, and returns the code. */
export function reportLost(world: World, cause: string): number {
  const error = fail('failed', { why: `the output was not written (${cause})` });
  world.terminal.tell(`${world.terminal.paint.bad('✖')} ${error.message}`);
  return error.exitCode;
}

type Failed = { readonly argv: readonly string[]; readonly error: unknown };

function report(world: World, { argv, error }: Failed): number {
  const command = commands.find(({ name }) => name === argv[0])?.name;
  const code = reportError(world, error, { json: isJsonWanted(argv), command });
  return argv[0] === 'exec' ? NOT_RUN : code;
}

/** Every command by name and summary; only the one that is named is loaded. */
async function buildProgram(argv: readonly string[], context: CommandContext): Promise<Command> {
  const { world } = context;
  const program = new Command('jit')
    .description('Production access for as long as the work takes.')
    .version(world.version, '-V, --version')
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError(false)
    .configureOutput({
      writeOut: (text) => world.terminal.print(text),
      writeErr: () => undefined,
      // By itself commander opens stdout as a stream to find out.
      getOutHelpWidth: () => world.terminal.columns,
      getOutHasColors: () => false,
    });
  const wanted = argv.filter((word) => !word.startsWith('-')).slice(0, 2);
  for (const entry of commands)
    await addCommand(program, entry, { context, isWanted: wanted.includes(entry.name) });
  if (argv.length === 0) program.action(() => world.terminal.print(program.helpInformation()));
  return program;
}

type Adding = { readonly context: CommandContext; readonly isWanted: boolean };

async function addCommand(
  program: Command,
  entry: CommandEntry,
  { context, isWanted }: Adding,
): Promise<void> {
  const command = program.command(entry.name, { hidden: entry.isHidden ?? false }).description(entry.summary);
  if (!isWanted) return;
  const { define } = await entry.load();
  define(command, context);
}

/** commander's own sentence, without its prefix. */
function describeUsage(error: CommanderError): Error {
  const why = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  return fail('usage', { why });
}

function isJsonWanted(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json');
}
