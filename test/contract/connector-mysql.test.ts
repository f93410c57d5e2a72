import { afterAll, describe, it } from 'vitest';
import { openMysqlConnector } from '../../src/adapters/connectors/mysql/open.ts';
import { connectorLoginSuite, connectorSuite } from '../../src/testing/connector.ts';
import { logIn, startTestMariaDb, type TestMariaDb } from '../support/databases/mariadb.ts';
import { realClock } from '../support/databases/postgres.ts';

const server = await startTestMariaDb();
describe.skipIf(!server)('mysql, on MariaDB', () => {
  afterAll(() => server?.stop());
  if (server) describeServer(server);
});

function describeServer(mariadb: TestMariaDb): void {
  const open = async () => ({
    connector: openMysqlConnector({
      name: 'orders',
      url: mariadb.adminUrl,
      memberOf: { 'prod:db.read': ['orders_reader'] },
      installation: 'abcd1234',
      clock: realClock,
    }),
    clock: realClock,
    scopes: ['prod:db.read'],
  });
  connectorSuite({ test: it }, open);
  connectorLoginSuite({ test: it }, async () => ({ ...(await open()), login: logIn }));
}
