import { parseDuration } from '../core/duration.ts';
import { JitError } from '../core/errors.ts';
import { type Command, Option } from './commander.ts';
import type { World } from './world.ts';

export type CommonOptions = { readonly profile?: string; readonly json?: boolean };

/** `--json` and `--profile`: on every command that prints a result. */
export function addCommonOptions(command: Command): Command {
  return command
    .addOption(new Option('--json', 'one JSON document on stdout'))
    .addOption(new Option('--profile <name>', 'a profile of the configuration'));
}

/** What is wrong with an answer, as its check says it; undefined when nothing is. */
export function complainOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return error instanceof JitError ? `${error.message}; ${error.hint}` : 'not understood';
  }
}

/** Seconds, with `until 17:30` read on this machine's wall clock. */
export function readDuration(world: World, text: string): number {
  return parseDuration(text, { now: world.clock.now(), timeZone: world.timeZone });
}

/** Adds to what was said before: for options that may be repeated, or given as a list with commas. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',').filter((word) => word !== '')];
}
