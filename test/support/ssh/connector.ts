import { openSshConnector, type SshConnectorOptions } from '../../../src/adapters/connectors/ssh/open.ts';
import type { Connector } from '../../../src/core/ports/connector.ts';
import type { Secret } from '../../../src/core/secret.ts';
import { formatPublicKey } from '../../../src/core/ssh-wire.ts';
import { realClock } from '../databases/postgres.ts';

/** A public key of somebody's machine. */
export const PUBLIC_KEY = formatPublicKey(
  new TextEncoder().encode('the machine key of somebody else'),
  '',
).trim();

/** Keeps what is made under a name, as the server's store does. */
export function createSecretShelf(): SshConnectorOptions['readSecret'] {
  const shelf = new Map<string, Secret>();
  return async (name, make) => {
    const secret = shelf.get(name) ?? make();
    shelf.set(name, secret);
    return secret;
  };
}

export function openTestSshConnector(changes: Partial<SshConnectorOptions> = {}): Connector {
  return openSshConnector({
    name: 'orders',
    host: 'web.example.com',
    port: 22,
    principals: { 'prod:db.read': ['reader', 'ops'], 'prod:db.write': ['writer'] },
    isBoundToAddress: false,
    extensions: ['permit-pty'],
    lifetimeMs: 120_000,
    clock: realClock,
    readSecret: createSecretShelf(),
    ...changes,
  });
}
