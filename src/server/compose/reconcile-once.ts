import { createIds, makeInstallationId } from '../../adapters/ids.ts';
import { describeFailure, type ReconcileParts, reconcile } from '../../broker/reconciliation/reconcile.ts';
import { buildCatalogue } from '../../core/config.ts';
import type { ReconcileReport } from '../../core/reconciliation.ts';
import { INSTALLATION_SETTING, requireConfirmed } from '../keeping/quarantine.ts';
import { openConnectors } from './connectors.ts';
import type { ServerOptions } from './options.ts';
import { createSecretReader, createSecretReplacer } from './secrets.ts';
import { openStore, readStoreSecret } from './store.ts';

export type ReconcileOptions = Pick<ServerOptions, 'config' | 'kinds' | 'clock'> & {
  readonly apply: boolean;
  readonly onError: (error: unknown) => void;
};

/** One look at every target, without a server: beside those that run on the same PostgreSQL, or alone on a SQLite file. */
export async function reconcileOnce(options: ReconcileOptions): Promise<ReconcileReport> {
  const { config, kinds, apply } = options;
  const opened = await openStore({ ...options, isCurrent: true });
  const { store, clock } = opened;
  try {
    const secret = await readStoreSecret(options);
    const ids = createIds(clock);
    const connectors = openConnectors(config.targets, {
      clock,
      kinds,
      installation: await store.readSetting(INSTALLATION_SETTING, async () => makeInstallationId()),
      readSecret: createSecretReader(store, secret),
      replaceSecret: createSecretReplacer({ store, secret, clock, ids }),
    });
    const parts = { store, connectors, clock, ids, catalogue: buildCatalogue(config) };
    const report = await lookAtTargets(parts, apply);
    await Promise.all([...connectors.values()].map((connector) => connector.close()));
    return report;
  } finally {
    await opened.close();
  }
}

/** Compares the targets with the store, both of them open already; `apply` removes what nobody holds. */
export async function lookAtTargets(parts: ReconcileParts, apply: boolean): Promise<ReconcileReport> {
  if (apply) await requireConfirmed(parts.store);
  const found = await reconcile(parts, { apply });
  return {
    isApplied: apply,
    live: found.live,
    strays: found.strays.map((stray) => ({ ...stray, isRemoved: found.removed.includes(stray) })),
    missing: found.missing,
    failures: found.failures.map((failure) => ({
      target: failure.target,
      handle: failure.handle,
      why: describeFailure(failure),
    })),
  };
}
