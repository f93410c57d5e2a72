import { afterAll, beforeAll, describe, it } from 'vitest';
import { openPostgresConnector } from '../../src/adapters/connectors/postgres/open.ts';
import { connectorLoginSuite, connectorSuite } from '../../src/testing/connector.ts';
import { logIn, realClock, startTestServer, type TestServer } from '../support/databases/postgres.ts';
import { createShelf } from '../support/keyrings/secret-shelf.ts';

for (const kind of ['embedded', 'system'] as const) {
  const server = await startTestServer(kind);
  describe.skipIf(!server)(`postgres ${server?.major ?? kind}, with an account`, () => {
    afterAll(() => server?.stop());
    if (server) describeServer(server);
  });
}

function describeServer(server: TestServer): void {
  beforeAll(async () => {
    await server.sql("CREATE ROLE app_legacy LOGIN PASSWORD 'known to many'");
    await server.sql('GRANT app_legacy TO jit_admin WITH ADMIN OPTION');
  });
  const open = async () => ({
    connector: openPostgresConnector({
      name: 'orders',
      url: server.adminUrl,
      memberOf: {},
      accounts: { 'prod:db.legacy': 'app_legacy' },
      installation: 'abcd1234',
      clock: realClock,
      ...createShelf(),
    }),
    clock: realClock,
    scopes: ['prod:db.legacy'],
  });
  connectorSuite({ test: it }, open);
  connectorLoginSuite({ test: it }, async () => ({ ...(await open()), login: logIn }));
}
