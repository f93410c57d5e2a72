import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, it } from 'vitest';
import { openExecConnector } from '../../src/adapters/connectors/exec/open.ts';
import { Secret } from '../../src/core/secret.ts';
import { connectorLoginSuite, connectorSuite } from '../../src/testing/connector.ts';
import { ACCOUNTS_TOKEN, startAccountsService } from '../support/accounts-service.ts';
import { projectRoot } from '../support/imports.ts';
import { realClock } from '../support/postgres.ts';

const service = await startAccountsService();

/** What is missing on this machine is said, and is a failure where nothing may be skipped. */
function hasPython(): boolean {
  if (existsSync('/usr/bin/python3') || process.env.JIT_TEST_NO_SKIP === '1') return true;
  console.warn('skipped: python3 is missing');
  return false;
}

describe.skipIf(!hasPython())('exec, with examples/connectors/accounts.py', () => {
  afterAll(() => service[Symbol.asyncDispose]());
  const open = async () => ({
    connector: openExecConnector({
      name: 'tickets',
      installation: 'abcd1234',
      clock: realClock,
      command: join(projectRoot, 'examples/connectors/accounts.py'),
      args: [],
      sha256: null,
      timeoutSeconds: 10,
      environment: {
        ACCOUNTS_URL: new Secret(service.adminUrl),
        ACCOUNTS_TOKEN: new Secret(ACCOUNTS_TOKEN),
      },
    }),
    clock: realClock,
    scopes: ['prod:tickets.read'],
  });
  connectorSuite({ test: it }, open);
  connectorLoginSuite({ test: it }, async () => ({
    ...(await open()),
    login: ({ environment, secretEnvironment }) =>
      service.logIn(
        environment.JIT_CREDENTIAL_USER ?? '',
        secretEnvironment.JIT_CREDENTIAL_PASSWORD?.reveal() ?? '',
      ),
  }));
});
