import type { Command } from 'commander';
import { fail } from '../../core/errors.ts';
import type { TestResult } from '../../core/plugin-report.ts';
import { neutralise } from '../../core/text.ts';
import type { CommandContext } from '../command.ts';
import { printJson } from '../text/output.ts';
import type { World } from '../world.ts';

type CheckFlags = {
  readonly scope?: string;
  readonly reviewedScope?: string;
  readonly on?: string;
  readonly settings?: string;
  readonly json?: boolean;
};

export function define(command: Command, { world, exit }: CommandContext): void {
  command
    .command('check <plugin>')
    .description(
      'try a profile’s backend, a package or a path against the contract; a backend really is asked',
    )
    .option('--scope <scope>', 'what is granted at once, or what a connector can issue')
    .option('--reviewed-scope <scope>', 'what waits for a person')
    .option('--on <target>', 'the target of both')
    .option('--settings <file>', 'JSON: the settings of a connector’s target')
    .option('--json', 'one JSON document on stdout')
    .action(async (name: string, flags: CheckFlags) => exit(await check(world, name, flags)));
  command.action(() => {
    throw fail('usage', { why: 'say what to do: jit plugin check <name>' });
  });
}

/** 0 when nothing failed and something held. */
async function check(world: World, name: string, flags: CheckFlags): Promise<number> {
  const results = await world.checkPlugin({
    name,
    scope: flags.scope ?? null,
    reviewedScope: flags.reviewedScope ?? null,
    target: flags.on ?? null,
    settingsFile: flags.settings ?? null,
    onResult: (result) => flags.json || show(world, result),
  });
  const count = (outcome: TestResult['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length;
  const isGood = count('failed') === 0 && count('passed') > 0;
  if (flags.json)
    printJson(world, { plugin: name, ok: isGood, tests: results.map((result) => ({ ...result })) });
  else
    world.terminal.print(
      `${count('passed')} held, ${count('failed')} failed, ${count('skipped')} could not be tried`,
    );
  return isGood ? 0 : 1;
}

function show({ terminal }: World, { part, name, outcome, why }: TestResult): void {
  const { print, paint } = terminal;
  const mark = { passed: paint.good('✔'), failed: paint.bad('✖'), skipped: paint.dim('–') }[outcome];
  print(`${mark} ${part}: ${name}`);
  if (why === null) return;
  const lines = why.split('\n').filter((line) => line.trim() !== '');
  for (const line of lines) print(`    ${paint.dim(neutralise(line))}`);
}
