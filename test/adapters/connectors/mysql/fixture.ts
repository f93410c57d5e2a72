import { afterAll, afterEach, describe } from 'vitest';
import {
  type MysqlConnectorOptions,
  openMysqlConnector,
} from '../../../../src/adapters/connectors/mysql/open.ts';
import type { Credential } from '../../../../src/core/credential.ts';
import type { Connector } from '../../../../src/core/ports/connector.ts';
import { startTestMariaDb, type TestMariaDb } from '../../../support/databases/mariadb.ts';
import { realClock } from '../../../support/databases/postgres.ts';

export const INSTALLATION = 'abcd1234';
export const SCOPES = ['prod:db.write'];

const DEADLINE_MS = 10_000;
const LIFE_MS = 600_000;

/** One connector and one grant, with the calls that most tests make. */
export type Fixture = {
  readonly connector: Connector;
  readonly handle: string;
  issue(scopes?: readonly string[]): Promise<Credential>;
  remove(timeoutMs?: number): Promise<number>;
  /** What the server has under the name: accounts, roles, what they are members of, sessions. */
  findTraces(): Promise<readonly unknown[]>;
};

export type OpenFixture = (options?: Partial<MysqlConnectorOptions>) => Fixture;

/** Runs the tests on a MariaDB of their own, where there is one. */
export async function describeMariaDb(
  options: { readonly name: string; readonly withTls?: boolean },
  body: (server: TestMariaDb, open: OpenFixture) => void,
): Promise<void> {
  const server = await startTestMariaDb({ withTls: options.withTls ?? false });
  describe.skipIf(!server)(options.name, () => {
    const opened: Connector[] = [];
    afterEach(async () => {
      for (const connector of opened.splice(0)) await connector.close();
    });
    afterAll(() => server?.stop());
    if (server) body(server, (changes) => openFixture(server, { opened, changes }));
  });
}

let grants = 0;

function openFixture(
  server: TestMariaDb,
  options: { readonly opened: Connector[]; readonly changes?: Partial<MysqlConnectorOptions> | undefined },
): Fixture {
  const connector = openMysqlConnector({
    name: 'orders',
    url: server.adminUrl,
    memberOf: { 'prod:db.read': ['orders_reader'], 'prod:db.write': ['orders_writer'] },
    installation: INSTALLATION,
    clock: realClock,
    ...options.changes,
  });
  options.opened.push(connector);
  grants += 1;
  const handle = connector.plan(`gr_${String(grants).padStart(26, '0')}`);
  return {
    connector,
    handle,
    issue: (scopes = SCOPES) => {
      const now = realClock.now();
      return connector.issue({ handle, scopes, expiresAt: now + LIFE_MS, deadlineAt: now + DEADLINE_MS });
    },
    remove: async (timeoutMs = DEADLINE_MS) => {
      const deadlineAt = realClock.now() + timeoutMs;
      return (await connector.remove(handle, { scopes: SCOPES, deadlineAt })).sessionsEnded;
    },
    findTraces: async () => [
      ...(await server.sql(`SELECT User, Host FROM mysql.user WHERE User = '${handle}'`)),
      ...(await server.sql(`SELECT Role FROM mysql.roles_mapping WHERE '${handle}' IN (User, Role)`)),
      ...(await server.sql(`SELECT ID FROM information_schema.PROCESSLIST WHERE USER = '${handle}'`)),
    ],
  };
}
