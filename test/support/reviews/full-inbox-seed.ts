import { createSystemClock } from '../../../src/adapters/clock.ts';
import { readServerConfig } from '../../../src/adapters/config/read-config.ts';
import { CONNECTOR_KINDS } from '../../../src/adapters/connectors/kinds.ts';
import { createIds } from '../../../src/adapters/ids.ts';
import { openCedarPolicy } from '../../../src/adapters/policy/cedar.ts';
import { readPolicyFolder } from '../../../src/adapters/policy/folder.ts';
import { openSqliteStore } from '../../../src/adapters/store/sqlite/open.ts';
import type { Broker } from '../../../src/broker/parts.ts';
import { submit } from '../../../src/broker/request/submit.ts';
import { buildCatalogue, type DevUser } from '../../../src/core/config.ts';
import type { Principal } from '../../../src/core/principal.ts';
import { Secret } from '../../../src/core/secret.ts';

/** Asks for every scope as every engineer of the configuration, the way the server does. Resolves with how many there are. */
export async function seedRequests(configPath: string): Promise<number> {
  const config = await readServerConfig(configPath, { environment: {}, kinds: CONNECTOR_KINDS });
  const clock = createSystemClock();
  if (config.store.kind !== 'sqlite') throw new Error('the inbox is measured on SQLite');
  const { store } = await openSqliteStore({ path: config.store.path, clock });
  const catalogue = buildCatalogue(config);
  const people = config.identity.devUsers.map(describePerson);
  const broker: Broker = {
    store,
    clock,
    catalogue,
    policy: await openCedarPolicy({ files: await readPolicyFolder(config.policiesFolder ?? ''), catalogue }),
    ids: createIds(clock),
    signer: { sign: async () => new Secret('none') },
    directory: {
      isComplete: true,
      list: async () => people,
      find: async (subject) => people.find((person) => person.subject === subject),
    },
    connectors: new Map(),
    channels: new Map(),
    logins: { endAll: async () => 0 },
    settings: {
      url: config.url,
      timeZone: config.timeZone,
      pendingTtlSeconds: config.pendingSeconds,
      claimWindowSeconds: config.claimWindowSeconds,
      review: config.review,
      breakGlass: config.breakGlass,
      limits: config.limits,
      alertAfterSeconds: config.alertAfterSeconds,
    },
    keepPace: () => {},
    wake: () => {},
  };
  const asked = people.flatMap((principal) =>
    principal.groups.includes('leads')
      ? []
      : catalogue.scopes.map(({ name }) => ({ principal, scope: name })),
  );
  for (const [index, { principal, scope }] of asked.entries()) await ask(broker, { index, principal, scope });
  await store.close();
  return asked.length;
}

type Asking = { readonly index: number; readonly principal: Principal; readonly scope: string };

async function ask(broker: Broker, { index, principal, scope }: Asking): Promise<void> {
  const login = { method: 'device', at: broker.clock.now(), strengths: [] } as const;
  const { request } = await submit(broker, {
    asker: { principal, login, ip: '10.0.0.7' },
    asked: {
      scopes: [scope],
      target: 'orders-api',
      durationSeconds: 1800,
      reason: `INC-${4000 + index}: a reason of the usual length, so that the page is as long as it would be`,
      ticket: `INC-${4000 + index}`,
      extendsGrantId: null,
      breakGlass: false,
    },
    idempotencyKey: `seed-${index}`,
  });
  if (request.state !== 'pending') throw new Error(`${request.id} is ${request.state}`);
}

function describePerson({ name, groups }: DevUser): Principal {
  return { subject: `dev:${name}`, name, kind: 'person', groups, person: `dev:${name}` };
}
