import { createSystemClock } from '../../adapters/clock.ts';
import type { StoreOrder, World } from '../../cli/world.ts';
import { fail, hasCode } from '../../core/errors.ts';
import type {
  BackupReport,
  ConfirmReport,
  MigrateReport,
  QuarantineReport,
  RestoreReport,
} from '../../core/server-store.ts';
import { confirmRestore } from '../../server/compose/confirm-restore.ts';
import { quarantineStore } from '../../server/compose/quarantine-once.ts';
import { backUpStore, migrateStore, restoreStore } from '../../server/compose/store-keeping.ts';
import { doOrOrder } from './beside.ts';
import { configureEmbedded, readConfiguration } from './configuration.ts';
import { nameOperator } from './operator.ts';

export type StoreParts = StoreOrder & {
  readonly world: World;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** `jit server backup`. */
export async function backUp(parts: StoreParts & { readonly file: string }): Promise<BackupReport> {
  const { version } = parts.world;
  return await withOptions(parts, (options) => backUpStore(options, { path: parts.file, version }));
}

/** `jit server restore`, in the name of who runs it on this machine. */
export async function restore(parts: StoreParts & { readonly file: string }): Promise<RestoreReport> {
  return await withOptions(parts, (options) =>
    restoreStore(options, { path: parts.file, by: nameOperator() }),
  );
}

/** `jit server restore --quarantine`. */
export async function quarantine(parts: StoreParts): Promise<QuarantineReport> {
  return await withOptions(parts, (options) => quarantineStore(options, { by: nameOperator() }));
}

/** `jit server restore --confirm`. */
export async function confirm(parts: StoreParts): Promise<ConfirmReport> {
  const by = nameOperator();
  return await withOptions(parts, (options) =>
    doOrOrder(options.config, { do: 'confirm_restore', by }, () => confirmRestore({ ...options, by })),
  );
}

/** `jit server migrate`. */
export async function migrateTables(parts: StoreParts): Promise<MigrateReport> {
  return await withOptions(parts, migrateStore);
}

type Options = Parameters<typeof confirmRestore>[0];

/** A SQLite store has one process at a time that writes. */
async function withOptions<T>(
  { world, environment, config: path }: StoreParts,
  action: (options: Omit<Options, 'by'>) => Promise<T>,
): Promise<T> {
  const { config, kinds } =
    path === undefined ? await configureEmbedded(world) : await readConfiguration(path, { environment });
  const onError = (error: unknown): void =>
    world.terminal.tell(`! ${error instanceof Error ? error.message : 'unknown'}`);
  try {
    return await action({ config, kinds, clock: createSystemClock(), onError });
  } catch (error) {
    if (!hasCode(error, 'store_in_use') || config.store.kind !== 'sqlite') throw error;
    throw fail('store_in_use', { path: config.store.path, isForAMoment: true });
  }
}
