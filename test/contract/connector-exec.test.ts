import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openExecConnector } from '../../src/adapters/connectors/exec/open.ts';
import { Secret } from '../../src/core/secret.ts';
import { connectorLoginSuite, connectorSuite } from '../../src/testing/connector.ts';
import { ACCOUNTS_TOKEN, startAccountsService } from '../support/clouds/accounts-service.ts';
import { realClock } from '../support/databases/postgres.ts';
import { projectRoot } from '../support/sources/imports.ts';

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

  it('S5: removing is not done while the service says that it is not, and then it is', async () => {
    const { connector } = await open();
    const handle = connector.plan('gr_01k8q0');
    const [scopes, deadlineAt] = [['prod:tickets.read'], realClock.now() + 10_000];
    await connector.issue({ handle, scopes, expiresAt: realClock.now() + 600_000, deadlineAt });
    service.failWith = 503;
    const failed = connector.remove(handle, { scopes, deadlineAt });
    await expect(failed).rejects.toMatchObject({
      code: 'target_failed',
      message: expect.stringContaining(
        `remove: it ended with code 1: DELETE /accounts/${handle}: the service answers 503`,
      ),
    });
    service.failWith = undefined;
    expect(await connector.remove(handle, { scopes, deadlineAt })).toEqual({ sessionsEnded: 0 });
    expect(service.accounts.has(handle)).toBe(false);
    await connector.close();
  });
});
