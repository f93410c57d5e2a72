import { describe, it } from 'vitest';
import { type CertificateSubject, certificateSuite } from '../../src/testing/certificates.ts';
import { connectorSuite } from '../../src/testing/connector.ts';
import { realClock } from '../support/databases/postgres.ts';
import { openTestSshConnector } from '../support/ssh/connector.ts';

describe('ssh', () => {
  connectorSuite({ test: it }, async () => ({
    connector: openTestSshConnector(),
    clock: realClock,
    scopes: ['prod:db.read'],
  }));
});

describe.each([
  ['ssh', openTestSshConnector()],
  ['ssh, bound to an address', openTestSshConnector({ isBoundToAddress: true, lifetimeMs: 30_000 })],
])('certificates of %s', (_, { certificates }) => {
  certificateSuite({ test: it }, (): CertificateSubject => {
    if (!certificates) throw new Error('the connector signs nothing');
    return { authority: certificates, scopes: ['prod:db.read'], unknownScope: 'prod:else.read' };
  });
});
