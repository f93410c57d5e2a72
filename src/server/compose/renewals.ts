import { SYSTEM } from '../../broker/events.ts';
import type { Broker } from '../../broker/parts.ts';
import { endPerson } from '../../broker/revocation/leave.ts';
import type { ServerConfig } from '../../core/config.ts';
import { HELD_GRANT_STATES } from '../../core/grant.ts';
import type { PeopleStore } from '../../core/ports/people-store.ts';
import type { ProtocolStore } from '../../core/ports/protocol-store.ts';
import type { Secret } from '../../core/secret.ts';
import { startRenewals } from '../people/renew-people.ts';
import type { Web } from '../web.ts';

/** Where a company says who people are: asks again about those who are here, and ends what those have who left. */
export function startRenewalsFor(parts: {
  readonly config: ServerConfig;
  readonly broker: Broker;
  readonly web: Pick<Web, 'renewal'>;
  readonly protocol: ProtocolStore;
  readonly people: PeopleStore;
  readonly secret: Secret;
  readonly onError: (error: unknown) => void;
}): { readonly stop: () => Promise<void> } | undefined {
  const { broker, config, web } = parts;
  const { renewal } = web;
  const { company } = config.identity;
  if (!renewal || !company) return undefined;
  return startRenewals({
    ...parts,
    ...renewal,
    clock: broker.clock,
    logins: broker.logins,
    refreshSeconds: company.refreshSeconds,
    isPresent: async (subject) =>
      (await renewal.mayHaveSession(subject)) || (await hasLiveGrant(broker, subject)),
    listHolders: () => listHolders(broker),
    onLeft: (subject) => endPerson(broker, subject, SYSTEM),
  });
}

const MOST_LIVE = 10_000;

async function listHolders({ store }: Pick<Broker, 'store'>): Promise<readonly string[]> {
  const live = await store.listGrants({ states: HELD_GRANT_STATES, limit: MOST_LIVE });
  return [...new Set(live.map(({ heldBy }) => heldBy.subject))];
}

async function hasLiveGrant({ store }: Pick<Broker, 'store'>, subject: string): Promise<boolean> {
  const live = await store.listGrants({ heldBy: subject, states: HELD_GRANT_STATES, limit: 1 });
  return live.length > 0;
}
