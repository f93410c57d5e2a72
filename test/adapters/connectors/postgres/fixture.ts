import { afterAll, afterEach, describe, expect } from 'vitest';
import {
  openPostgresConnector,
  type PostgresConnectorOptions,
} from '../../../../src/adapters/connectors/postgres/open.ts';
import type { Credential } from '../../../../src/core/credential.ts';
import type { Connector } from '../../../../src/core/ports/connector.ts';
import { realClock, startTestServer, type TestServer } from '../../../support/databases/postgres.ts';
import { createShelf } from '../../../support/keyrings/secret-shelf.ts';

export const INSTALLATION = 'abcd1234';
export const SCOPES = ['prod:db.write'];

/** One connector and one grant, with the calls that most tests make. */
export type Fixture = {
  readonly server: TestServer;
  readonly connector: Connector;
  readonly handle: string;
  issue(scopes?: readonly string[], grantVersion?: number): Promise<Credential>;
  remove(timeoutMs?: number): Promise<number>;
};

export type OpenFixture = (options?: Partial<PostgresConnectorOptions>) => Fixture;

const DEADLINE_MS = 10_000;
const LIFE_MS = 600_000;

/** Runs the tests once for each PostgreSQL of this machine. The databases are made new for each file. */
export function describeEachServer(
  options: { readonly name: string; readonly settings?: Readonly<Record<string, string>> },
  body: (server: TestServer, open: OpenFixture) => void,
): Promise<void> {
  return (['embedded', 'system'] as const).reduce(async (before, kind) => {
    await before;
    const server = await startTestServer(kind, options.settings);
    describe.skipIf(!server)(`${options.name} on PostgreSQL ${server?.major ?? kind}`, () => {
      const opened: Connector[] = [];
      afterEach(async () => {
        for (const connector of opened.splice(0)) await connector.close();
      });
      afterAll(() => server?.stop());
      if (server) body(server, (changes) => openFixture(server, { opened, changes }));
    });
  }, Promise.resolve());
}

let grants = 0;

function openFixture(
  server: TestServer,
  options: { readonly opened: Connector[]; readonly changes?: Partial<PostgresConnectorOptions> | undefined },
): Fixture {
  const connector = openPostgresConnector({
    name: 'orders',
    url: server.adminUrl,
    memberOf: { 'prod:db.read': ['orders_reader'], 'prod:db.write': ['orders_writer'] },
    installation: INSTALLATION,
    clock: realClock,
    ...createShelf(),
    ...options.changes,
  });
  options.opened.push(connector);
  grants += 1;
  const handle = connector.plan(`gr_${String(grants).padStart(26, '0')}`);
  return {
    server,
    connector,
    handle,
    issue: (scopes = SCOPES, grantVersion = 1) => {
      const now = realClock.now();
      return connector.issue({
        handle,
        scopes,
        grantVersion,
        expiresAt: now + LIFE_MS,
        deadlineAt: now + DEADLINE_MS,
      });
    },
    remove: async (timeoutMs = DEADLINE_MS) => {
      const deadlineAt = realClock.now() + timeoutMs;
      return (await connector.remove(handle, { scopes: SCOPES, deadlineAt })).sessionsEnded;
    },
  };
}

/** The roles that may do as the owner of what engineers made: its members, without jit's administrator. */
export async function listKeptFor(server: TestServer, owner: string): Promise<readonly unknown[]> {
  expect(owner).toMatch(/^kept_by_jit_[0-9a-f]+$/);
  const rows = await server.sql(`SELECT member::regrole::text AS member FROM pg_auth_members
    WHERE roleid = '${owner}'::regrole AND member <> 'jit_admin'::regrole`);
  return rows.map(({ member }) => member);
}
