import type { Command } from 'commander';
import { formatDuration } from '../../core/duration-text.ts';
import { formatTable } from '../../core/table.ts';
import type { ScopeView } from '../../core/view.ts';
import { encodeScope } from '../../core/wire/messages.ts';
import type { CommandContext } from '../command.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { describeApprovers } from '../reviewing/approvals.ts';
import { printJson } from '../text/output.ts';
import { withLogin } from '../with-login.ts';
import type { World } from '../world.ts';

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command).action(async (flags: CommonOptions) => exit(await run(world, flags)));
}

async function run(world: World, flags: CommonOptions): Promise<number> {
  const engineer = await world.connect(flags);
  const scopes = await withLogin(world, engineer, () => engineer.listScopes());
  if (flags.json) printJson(world, { scopes: scopes.map(encodeScope) });
  else world.terminal.print(format(world, [HEADINGS, ...scopes.flatMap(buildRows)]));
  return 0;
}

const HEADINGS = ['SCOPE', 'TARGET', 'DEFAULT', 'MAX', 'DECISION', 'DESCRIPTION'];

/** Whoever has a narrow screen still has to read what to type. */
const PROSE = [4, 5];

function format({ terminal }: World, rows: readonly (readonly string[])[]): string {
  const { hasScreen, columns } = terminal;
  return formatTable(rows, hasScreen ? { columns, prose: PROSE } : {}).join('\n');
}

function buildRows(scope: ScopeView): readonly (readonly string[])[] {
  return scope.targets.map((target) => [
    scope.name,
    target.name,
    formatDuration(scope.defaultSeconds),
    formatDuration(scope.maxSeconds),
    describeAnswer(target),
    scope.description,
  ]);
}

function describeAnswer({ outcome, canApprove, automaticSeconds }: ScopeView['targets'][number]): string {
  if (outcome === 'automatic' && automaticSeconds !== undefined)
    return `at once up to ${formatDuration(automaticSeconds)}`;
  if (outcome === 'automatic') return 'granted at once';
  if (outcome === 'denied') return 'denied';
  return canApprove.length === 0 ? 'people decide' : `${describeApprovers({ canApprove })} decides`;
}
