import { createSystemClock } from '../../adapters/clock.ts';
import type { ReconcileOptions, World } from '../../cli/world.ts';
import { fail, hasCode } from '../../core/errors.ts';
import type { ReconcileReport } from '../../core/reconciliation.ts';
import { reconcileOnce } from '../../server/compose/reconcile-once.ts';
import { configureEmbedded, readConfiguration } from './configuration.ts';

export type ReconcileParts = ReconcileOptions & {
  readonly world: World;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** `jit server reconcile`. A SQLite store has one process at a time: a server that runs on it compares by itself. */
export async function reconcileTargets(parts: ReconcileParts): Promise<ReconcileReport> {
  const { world, environment, config: path, apply } = parts;
  const { config, kinds } =
    path === undefined ? await configureEmbedded(world) : await readConfiguration(path, { environment });
  const onError = (error: unknown): void =>
    world.terminal.tell(`! ${error instanceof Error ? error.message : 'unknown'}`);
  try {
    return await reconcileOnce({ config, kinds, clock: createSystemClock(), apply, onError });
  } catch (error) {
    if (!hasCode(error, 'store_in_use') || config.store.kind !== 'sqlite') throw error;
    throw fail('store_in_use', { path: config.store.path, isCompared: true });
  }
}
