import { describe, it } from 'vitest';
import { connectorSuite } from '../../src/testing/connector.ts';
import { realClock } from '../support/postgres.ts';
import { openTestSshConnector } from '../support/ssh-connector.ts';

describe('ssh', () => {
  connectorSuite({ test: it }, async () => ({
    connector: openTestSshConnector(),
    clock: realClock,
    scopes: ['prod:db.read'],
  }));
});
