import type { Command } from 'commander';
import { type FoundStray, findReconcileExit, type ReconcileReport } from '../../core/reconciliation.ts';
import { neutralise } from '../../core/text.ts';
import type { CommandContext } from '../command.ts';
import { printJson } from '../text/output.ts';
import type { World } from '../world.ts';

type Flags = {
  readonly config?: string;
  readonly dryRun?: boolean;
  readonly apply?: boolean;
  readonly json?: boolean;
};

/** `jit server reconcile`: what is live at the targets against what is granted. */
export function defineReconcile(server: Command, { world, exit }: CommandContext): void {
  const apply = server.createOption('--apply', 'remove what nobody holds');
  server
    .command('reconcile')
    .description('compare what is live at the targets with what is granted; shows, unless told to --apply')
    .option('--config <file>', 'jit.yaml')
    .option('--dry-run', 'show only, which is what it does unless told otherwise')
    .addOption(apply.conflicts('dryRun'))
    .option('--json', 'one JSON document on stdout')
    .action(async (_: Flags, command: Command) => exit(await run(world, command.optsWithGlobals())));
}

async function run(world: World, flags: Flags): Promise<number> {
  const report = await world.reconcile({ config: flags.config, apply: flags.apply ?? false });
  if (flags.json) printJson(world, encodeReport(report));
  else world.terminal.print(formatReport(report));
  return findReconcileExit(report);
}

function encodeReport({ isApplied, live, strays, missing, failures }: ReconcileReport): object {
  return {
    applied: isApplied,
    live,
    strays: strays.map(({ grantId, isRemoved, ...stray }) => ({
      ...stray,
      grant_id: grantId,
      removed: isRemoved,
    })),
    missing: missing.map(({ grantId, ...one }) => ({ ...one, grant_id: grantId })),
    failures,
  };
}

function formatReport(report: ReconcileReport): string {
  const { live, strays, missing, failures, isApplied } = report;
  const unseen = failures.filter(({ handle }) => handle === null);
  return [
    ...Object.entries(live).map(([target, count]) => `${target}: ${count} live`),
    ...unseen.map(({ target, why }) => `${target}: not looked at: ${neutralise(why)}`),
    ...strays.map((stray) => `  ${describeStray(stray, report)}`),
    ...missing.map(
      ({ target, handle, grantId }) =>
        `  ${neutralise(handle)} of ${grantId} is not at ${target}: jit wait on its request makes it again`,
    ),
    summarise(strays, isApplied),
  ].join('\n');
}

function describeStray(stray: FoundStray, { isApplied, failures }: ReconcileReport): string {
  const { target, handle, grantId, sessions, isRemoved } = stray;
  const of = grantId === null ? '' : `, made for ${grantId}`;
  const use = sessions === 0 ? '' : `, ${sessions} in use`;
  const failure = failures.find((one) => one.target === target && one.handle === handle);
  const outcome = failure ? `still there: ${neutralise(failure.why)}` : 'removed';
  return `${neutralise(handle)} at ${target}${of}${use}: ${isApplied || isRemoved ? outcome : 'nobody holds it'}`;
}

function summarise(strays: readonly FoundStray[], isApplied: boolean): string {
  if (strays.length === 0) return 'nothing is live that nobody holds';
  const removed = strays.filter(({ isRemoved }) => isRemoved).length;
  if (isApplied) return `${removed} of ${strays.length} that nobody held are removed`;
  return `${strays.length} are live that nobody holds; nothing was changed, --apply removes them`;
}
