import type { Connector } from '../core/ports/connector.ts';
import type { Broker } from './parts.ts';

const LOOK_DEADLINE_MS = 10_000;
const MOST_GRANTS = 100_000;

export type Stray = { readonly target: string; readonly handle: string };

/**
 * Compares what is live at every target with what is granted, and removes what nobody holds. The target is listed
 * first and the grants are read afterwards: intent precedes the credential (S4), so nothing being made looks stray.
 */
export async function reconcile(broker: Broker): Promise<readonly Stray[]> {
  const perTarget = [...broker.connectors].map(([target, connector]) =>
    reconcileTarget(broker, target, connector),
  );
  const settled = await Promise.allSettled(perTarget);
  return settled.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
}

async function reconcileTarget(
  broker: Broker,
  target: string,
  connector: Connector,
): Promise<readonly Stray[]> {
  const live = await connector.list(broker.clock.now() + LOOK_DEADLINE_MS);
  if (live.length === 0) return [];
  const grants = await broker.store.listGrants({
    target,
    states: ['provisioning', 'active', 'revoking'],
    limit: MOST_GRANTS,
  });
  const known = new Set(grants.map((grant) => grant.handle));
  const strays = live.filter((credential) => !known.has(credential.handle));
  for (const stray of strays) {
    const deadlineAt = broker.clock.now() + LOOK_DEADLINE_MS;
    await connector.remove(stray.handle, { scopes: [], deadlineAt });
  }
  return strays.map((stray) => ({ target, handle: stray.handle }));
}
