import type { Command } from 'commander';
import { fail } from '../../core/errors.ts';
import type { BackupReport, ConfirmReport, MigrateReport, RestoreReport } from '../../core/server-store.ts';
import { formatInstant } from '../../core/time.ts';
import type { CommandContext } from '../command.ts';
import { count } from '../text/count.ts';
import { printJson } from '../text/output.ts';
import type { World } from '../world.ts';

type Flags = {
  readonly config?: string;
  readonly json?: boolean;
  readonly confirm?: boolean;
  readonly quarantine?: boolean;
};

/** `jit server backup`, `restore` and `migrate`: what the server remembers, without the server. */
export function defineStore(server: Command, { world }: CommandContext): void {
  define(server.command('backup'), 'copy all that the server remembers, while it runs')
    .argument('<file>', 'written for this user alone; nothing is written over')
    .action(async (file: string, _: Flags, command: Command) =>
      backUp(world, { ...command.optsWithGlobals(), file }),
    );
  define(
    server.command('restore'),
    'fill an empty store from a backup: nothing is given or revoked until --confirm',
  )
    .argument('[file]', 'what jit server backup wrote')
    .option('--confirm', 'the difference to the targets was looked at: go on')
    .option('--quarantine', 'the store was brought back by other means: treat it as restored')
    .action(async (file: string | undefined, _: Flags, command: Command) =>
      restore(world, { ...command.optsWithGlobals(), file }),
    );
  define(server.command('migrate'), "bring the store's tables up to this version, as a start does").action(
    async (_: Flags, command: Command) => migrate(world, command.optsWithGlobals()),
  );
}

function define(command: Command, description: string): Command {
  return command
    .description(description)
    .option('--config <file>', 'jit.yaml')
    .option('--json', 'one JSON document on stdout');
}

async function backUp(world: World, flags: Flags & { readonly file: string }): Promise<void> {
  const report = await world.serverStore.backUp({ config: flags.config, file: flags.file });
  if (flags.json) printJson(world, encodeBackup(report));
  else {
    world.terminal.print(`${report.path}: ${describeRows(report)}, as of ${formatInstant(report.takenAt)}`);
    world.terminal.tell('keep the secret of this server somewhere else: without it the copy is of no use');
  }
}

async function restore(world: World, flags: Flags & { readonly file: string | undefined }): Promise<void> {
  const { file } = flags;
  if (Number(flags.confirm ?? false) + Number(flags.quarantine ?? false) + Number(file !== undefined) !== 1)
    throw fail('usage', {
      why: 'restore takes a file, or --confirm after one was restored, or --quarantine',
    });
  if (flags.confirm) return confirm(world, flags);
  if (file === undefined) return quarantine(world, flags);
  const report = await world.serverStore.restore({ config: flags.config, file });
  if (flags.json) return printJson(world, encodeRestore(report));
  world.terminal.print(`${report.store}: ${describeRows(report)}, as of ${report.takenAt}`);
  tellOfQuarantine(world);
}

async function quarantine(world: World, flags: Flags): Promise<void> {
  const report = await world.serverStore.quarantine({ config: flags.config });
  if (flags.json)
    return printJson(world, { store: report.store, taken_at: report.takenAt, quarantine: true });
  world.terminal.print(`${report.store}: the last that it remembers is of ${report.takenAt}`);
  tellOfQuarantine(world);
}

function tellOfQuarantine({ terminal: { tell } }: World): void {
  tell('quarantine: nothing is given, decided or revoked by itself until you confirm');
  tell('  look     jit server reconcile --dry-run');
  tell('  go on    jit server restore --confirm');
}

async function confirm(world: World, flags: Flags): Promise<void> {
  const report = await world.serverStore.confirm({ config: flags.config });
  if (flags.json) return printJson(world, encodeConfirm(report));
  const { strays, missing, unseen } = report.differences;
  world.terminal.print(
    [
      `confirmed: the copy of ${report.takenAt} is in force`,
      `${strays} live that nobody holds: removed by the server from now on`,
      `${missing} held that are not at their target: they end when they were to end`,
      ...(unseen === 0 ? [] : [`${count(unseen, 'target')} not looked at: the server goes on trying`]),
    ].join('\n'),
  );
}

async function migrate(world: World, flags: Flags): Promise<void> {
  const report = await world.serverStore.migrate({ config: flags.config });
  if (flags.json) return printJson(world, report);
  world.terminal.print(describeMigrations(report));
}

function describeMigrations({ store, applied }: MigrateReport): string {
  if (applied.length === 0) return `${store}: nothing to do`;
  return [`${store}: applied`, ...applied.map((name) => `  ${name}`)].join('\n');
}

function describeRows({ rows }: Pick<BackupReport, 'rows'>): string {
  const [requests, grants] = [rows.requests ?? 0, rows.grants ?? 0];
  const all = Object.values(rows).reduce((sum, count) => sum + count, 0);
  return `${count(all, 'row')}, of them ${count(requests, 'request')} and ${count(grants, 'grant')}`;
}

function encodeBackup({ path, takenAt, rows }: BackupReport): object {
  return { file: path, taken_at: formatInstant(takenAt), rows };
}

function encodeRestore({ store, takenAt, rows }: RestoreReport): object {
  return { store, taken_at: takenAt, rows, quarantine: true };
}

function encodeConfirm({ takenAt, differences }: ConfirmReport): object {
  return { taken_at: takenAt, ...differences };
}
