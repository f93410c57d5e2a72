import { beforeEach } from 'vitest';
import { parseAddress } from '../../../../src/adapters/connectors/postgres/address.ts';
import { buildCredential } from '../../../../src/adapters/connectors/postgres/credential.ts';
import type { PostgresConnectorOptions } from '../../../../src/adapters/connectors/postgres/open.ts';
import { Secret } from '../../../../src/core/secret.ts';
import { type EngineerSession, logIn, type TestServer } from '../../../support/databases/postgres.ts';
import { describeEachServer, type Fixture, type OpenFixture } from './fixture.ts';

/** The password of `app_legacy` before jit has it. */
export const KNOWN = 'known to many';

const ACCOUNTS = { 'prod:db.write': 'app_legacy', 'prod:db.read': 'app_other' };

/** A server with the account `app_legacy`, as it was before jit had it at the beginning of each test. */
export type AccountStage = {
  readonly server: TestServer;
  /** Connectors for it, each a replica with a grant of its own. */
  open(changes?: Partial<PostgresConnectorOptions>): Fixture;
  /** A connector for it that makes roles of its own, and has no account. */
  readonly openOther: OpenFixture;
  /** The handles of what is live. */
  listed(fixture: Fixture): Promise<readonly string[]>;
  canLogIn(): Promise<unknown>;
  /** As somebody logs in to the account who knows this password. */
  loginWith(password: string): Promise<EngineerSession>;
};

export function describeAccount(name: string, body: (stage: AccountStage) => void): Promise<void> {
  return describeEachServer({ name }, (server, openOther) => {
    beforeEach(() => prepare(server));
    body({
      server,
      openOther,
      open: (changes = {}) => openOther({ memberOf: {}, accounts: ACCOUNTS, ...changes }),
      listed: async ({ connector }) =>
        (await connector.list(Date.now() + 10_000)).map(({ handle }) => handle),
      canLogIn: async () =>
        (await server.sql("SELECT rolcanlogin AS yes FROM pg_roles WHERE rolname = 'app_legacy'"))[0]?.yes,
      loginWith: (password) => {
        const address = parseAddress(server.adminUrl, { target: 'orders' });
        const login = { handle: 'jit_abcd1234_0', role: 'app_legacy', password: new Secret(password) };
        return logIn(buildCredential(address, login));
      },
    });
  });
}

async function prepare(server: TestServer): Promise<void> {
  await server.sql('DROP OWNED BY app_legacy').catch(() => {});
  await server.sql(`DROP ROLE IF EXISTS app_legacy; CREATE ROLE app_legacy LOGIN PASSWORD '${KNOWN}';
    GRANT app_legacy TO jit_admin WITH ADMIN OPTION; GRANT SELECT ON orders TO app_legacy;
    COMMENT ON ROLE app_legacy IS 'The old shop'`);
}
