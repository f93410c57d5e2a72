import { describe, it } from 'vitest';
import { openTokenConnector } from '../../src/adapters/connectors/token/kind.ts';
import { connectorSuite } from '../../src/testing/connector.ts';
import { realClock } from '../support/databases/postgres.ts';

describe('token', () => {
  connectorSuite({ test: it }, async () => ({
    connector: openTokenConnector({ name: 'orders-api' }),
    clock: realClock,
    scopes: ['prod:orders.read'],
  }));
});
