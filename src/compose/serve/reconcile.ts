import { createSystemClock } from '../../adapters/clock.ts';
import type { ReconcileOptions, World } from '../../cli/world.ts';
import type { ReconcileReport } from '../../core/reconciliation.ts';
import { reconcileOnce } from '../../server/compose/reconcile-once.ts';
import { doOrOrder } from './beside.ts';
import { configureEmbedded, readConfiguration } from './configuration.ts';

export type ReconcileParts = ReconcileOptions & {
  readonly world: World;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** `jit server reconcile`. */
export async function reconcileTargets(parts: ReconcileParts): Promise<ReconcileReport> {
  const { world, environment, config: path, apply } = parts;
  const { config, kinds } =
    path === undefined ? await configureEmbedded(world) : await readConfiguration(path, { environment });
  const onError = (error: unknown): void =>
    world.terminal.tell(`! ${error instanceof Error ? error.message : 'unknown'}`);
  return await doOrOrder(config, { do: 'reconcile', apply }, () =>
    reconcileOnce({ config, kinds, clock: createSystemClock(), apply, onError }),
  );
}
