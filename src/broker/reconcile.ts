import { fail } from '../core/errors.ts';
import type { Grant } from '../core/grant.ts';
import type { Connector } from '../core/ports/connector.ts';
import type { Scope } from '../core/scope.ts';
import type { Broker } from './parts.ts';

const LOOK_DEADLINE_MS = 10_000;
const MOST_GRANTS = 100_000;

export type Stray = { readonly target: string; readonly handle: string };

export type Reconciliation = {
  /** What was found without a grant, and removed. */
  readonly strays: readonly Stray[];
  /** Targets that could not be looked at, and strays that could not be removed: the next round tries again. */
  readonly failures: readonly unknown[];
};

/**
 * Compares what is live at every target with what is granted, and removes what nobody holds. The target is listed
 * first and the grants are read afterwards: intent precedes the credential (S4), so nothing being made looks stray.
 */
export async function reconcile(broker: Broker): Promise<Reconciliation> {
  const perTarget = [...broker.connectors].map(([target, connector]) =>
    reconcileTarget(broker, { target, connector }),
  );
  return add(await Promise.allSettled(perTarget));
}

type Place = { readonly target: string; readonly connector: Connector };

async function reconcileTarget(broker: Broker, { target, connector }: Place): Promise<Reconciliation> {
  const live = await connector.list(broker.clock.now() + LOOK_DEADLINE_MS);
  if (live.length === 0) return { strays: [], failures: [] };
  const known = new Set((await listKnown(broker, target)).map((grant) => grant.handle));
  const strays = live.filter((credential) => !known.has(credential.handle));
  if (strays.length === 0) return { strays: [], failures: [] };
  const scopesOf = await findScopes(broker, target);
  const removals = strays.map(async ({ handle }) => {
    const deadlineAt = broker.clock.now() + LOOK_DEADLINE_MS;
    await connector.remove(handle, { scopes: scopesOf(handle), deadlineAt });
    return { strays: [{ target, handle }], failures: [] };
  });
  return add(await Promise.allSettled(removals));
}

// Fewer than there are would make strays of what people hold.
async function listKnown(broker: Broker, target: string): Promise<readonly Grant[]> {
  const grants = await broker.store.listGrants({
    target,
    states: ['provisioning', 'active', 'revoking'],
    limit: MOST_GRANTS,
  });
  if (grants.length < MOST_GRANTS) return grants;
  throw fail('failed', { why: `${target} has too many grants to be compared` });
}

/** Whose scopes a stray had, by what has ended: they say who gets what it owns (S6). All of the target's otherwise. */
async function findScopes(broker: Broker, target: string): Promise<(handle: string) => readonly Scope[]> {
  const ended = await broker.store.listGrants({ target, states: ['ended'], limit: MOST_GRANTS });
  const scopes = new Map(ended.map((grant) => [grant.handle, grant.scopes]));
  const all = broker.catalogue.scopes.filter((scope) => scope.targets.includes(target));
  const names = all.map((scope) => scope.name);
  return (handle) => scopes.get(handle) ?? names;
}

function add(settled: readonly PromiseSettledResult<Reconciliation>[]): Reconciliation {
  return {
    strays: settled.flatMap((result) => (result.status === 'fulfilled' ? result.value.strays : [])),
    failures: settled.flatMap((result) =>
      result.status === 'fulfilled' ? result.value.failures : [result.reason as unknown],
    ),
  };
}
