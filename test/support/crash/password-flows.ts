import { openPostgresConnector } from '../../../src/adapters/connectors/postgres/open.ts';
import { createIds } from '../../../src/adapters/ids.ts';
import { orderUpkeep } from '../../../src/broker/work/upkeep.ts';
import type { Connector } from '../../../src/core/ports/connector.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { Secret } from '../../../src/core/secret.ts';
import { createSecretReader, createSecretReplacer } from '../../../src/server/compose/secrets.ts';
import { realClock, type TestServer } from '../databases/postgres.ts';
import { watchConnector } from './crashing-statements.ts';
import type { Dying, Flow } from './flow-cuts.ts';
import { judgeRecord, type OpenStage } from './flows.ts';

const FIRST = 'of the configuration';
const DAY_SECONDS = 86_400;

export type PasswordFlow = {
  readonly openStore: OpenStage;
  readonly target: TestServer;
  /** The account, or the administrator, whose password it is; this flow's alone. */
  readonly role: string;
};

type Role = 'account' | 'administrator';

/** An account that jit never had gets a password that nobody knows. */
export function rotateAccount(options: PasswordFlow): Flow<Store> {
  const { openStore, target, role } = options;
  const keepUp = (store: Store, dying?: Dying) => keep(options, { of: 'account', store, dying });
  return {
    open: async () => {
      await target.sql(`DROP ROLE IF EXISTS ${role}; CREATE ROLE ${role} LOGIN PASSWORD '${FIRST}';
        GRANT ${role} TO jit_admin WITH ADMIN OPTION`);
      return await openStore();
    },
    act: async (store, dying) => await keepUp(store, dying),
    recover: async (store) => {
      const failures = await keepUp(store);
      const [found] = await target.sql(`SELECT rolcanlogin AS open FROM pg_roles WHERE rolname = '${role}'`);
      return [
        ...failures,
        ...(found?.open === false ? [] : [`I1: ${role} can log in`]),
        ...(await judgeRecord(store, { 'credential.rotated': 1 })),
      ];
    },
  };
}

/** The administrator's password is replaced by itself. */
export function rotateAdministrator(options: PasswordFlow): Flow<Store> {
  const { openStore, target, role } = options;
  const keepUp = (store: Store, dying?: Dying) => keep(options, { of: 'administrator', store, dying });
  return {
    open: async () => {
      await target.sql(
        `DROP ROLE IF EXISTS ${role}; CREATE ROLE ${role} LOGIN CREATEROLE PASSWORD '${FIRST}'`,
      );
      return await openStore();
    },
    act: async (store, dying) => await keepUp(store, dying),
    recover: async (store) => {
      const failures = await keepUp(store);
      return [
        ...failures,
        ...(await findRefusal(options, store)),
        ...(await judgeRecord(store, { 'credential.rotated': 1 })),
      ];
    },
  };
}

type Keeping = { readonly of: Role; readonly store: Store; readonly dying?: Dying | undefined };

/** One turn of upkeep; what failed. */
async function keep(options: PasswordFlow, { of, store, dying }: Keeping): Promise<readonly string[]> {
  const seen = dying ? dying.watch(store) : store;
  const plain = open(options, { of, store: seen });
  const connector = dying ? watchConnector(plain, { around: dying.around, probeFails: () => false }) : plain;
  const parts = { store: seen, clock: realClock, ids: createIds(realClock) };
  const done = await connector.upkeep?.(await orderUpkeep(parts, 'orders'));
  await plain.close();
  return (done?.failures ?? ['there is no upkeep']).map(String);
}

function open({ target, role }: PasswordFlow, { of, store }: Keeping): Connector {
  const url = new URL(target.adminUrl.reveal());
  if (of === 'administrator') [url.username, url.password] = [role, FIRST];
  const secret = new Secret('of this store'.padEnd(32));
  const parts = { store, secret, clock: realClock, ids: createIds(realClock) };
  return openPostgresConnector({
    name: 'orders',
    url: new Secret(url.href),
    memberOf: {},
    installation: 'abcd1234',
    clock: realClock,
    readSecret: createSecretReader(store, secret),
    replaceSecret: createSecretReplacer(parts),
    ...(of === 'account'
      ? { accounts: { 'prod:db.read': role }, rotateSeconds: DAY_SECONDS }
      : { rotateAdminSeconds: DAY_SECONDS }),
  });
}

/** Whoever starts next, with the first password in the configuration, gets in; the first one itself opens nothing. */
async function findRefusal(options: PasswordFlow, store: Store): Promise<readonly string[]> {
  const connector = open(options, { of: 'administrator', store });
  const refused = await connector.list(realClock.now() + 10_000).then(
    () => [],
    (error: unknown) => [`the administrator is locked out: ${error}`],
  );
  await connector.close();
  return refused;
}
