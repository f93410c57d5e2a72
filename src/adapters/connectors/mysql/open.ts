import type { Credential } from '../../../core/credential.ts';
import { fail } from '../../../core/errors.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Connector, IssueOrder } from '../../../core/ports/connector.ts';
import type { Scope } from '../../../core/scope.ts';
import type { Secret } from '../../../core/secret.ts';
import type { Instant } from '../../../core/time.ts';
import { listUsers, readActivity } from './accounts.ts';
import { type Address, isSslRequired, parseAddress } from './address.ts';
import { type AdminWork, Connections } from './connections.ts';
import { buildCredential, readLogin } from './credential.ts';
import { toTargetFailure } from './failure.ts';
import { extendUser, issueUser } from './issue.ts';
import { createPassword } from './password.ts';
import { removeUser } from './remove.ts';
import { buildUserName, requireOwnUser } from './user-name.ts';

export type MysqlConnectorOptions = {
  /** The target's name, for messages. */
  readonly name: string;
  /** The administrator's URL; what it needs is in docs/targets/mysql.md. */
  readonly url: Secret;
  /** The prepared roles that each scope stands for. */
  readonly memberOf: Readonly<Record<Scope, readonly string[]>>;
  /** Eight characters of `[a-z0-9]`: nothing under another installation's names is ever touched. */
  readonly installation: string;
  readonly clock: Clock;
};

type Parts = MysqlConnectorOptions & { readonly address: Address; readonly connections: Connections };

/** A MariaDB or MySQL server as a target: a user per grant. Connects at the first call, not before. */
export function openMysqlConnector(options: MysqlConnectorOptions): Connector {
  const address = parseAddress(options.url, (why, cause) =>
    fail('target_failed', { target: options.name, why: `its url ${why}` }, cause),
  );
  const connections = new Connections({ address, clock: options.clock });
  const parts = { ...options, address, connections };
  return {
    kind: 'mysql',
    plan: (grantId) => buildUserName(options, grantId),
    issue: (order) => issue(parts, order),
    probe: (credential, at) => probe(parts, credential, at),
    extend: async ({ handle, expiresAt, deadlineAt }) => {
      const user = requireOwnUser(options, handle);
      await runAsAdmin(parts, deadlineAt, (session) => extendUser(session, { user, expiresAt }));
    },
    remove: async (handle, { deadlineAt }) => {
      const user = requireOwnUser(options, handle);
      return runAsAdmin(parts, deadlineAt, (session) => removeUser(session, user));
    },
    list: (at) => runAsAdmin(parts, at, (session) => listUsers(session, options)),
    activity: async (handle, at) => {
      const user = requireOwnUser(options, handle);
      return runAsAdmin(parts, at, (session) => readActivity(session, user));
    },
    close: () => connections.close(),
  };
}

async function issue(parts: Parts, order: IssueOrder): Promise<Credential> {
  const user = requireOwnUser(parts, order.handle);
  const memberOf = requireRoles(parts, order.scopes);
  const password = createPassword();
  const wanted = {
    user,
    password,
    memberOf,
    isSslRequired: isSslRequired(parts.address),
    expiresAt: order.expiresAt,
  };
  await runAsAdmin(parts, order.deadlineAt, (session) => issueUser(parts.connections, session, wanted));
  return buildCredential(parts.address, { user, password });
}

async function probe(parts: Parts, credential: Credential, at: Instant): Promise<void> {
  const login = readLogin(credential);
  if (!login) throw fail('target_failed', { target: parts.name, why: 'that is no MySQL credential' });
  const [row] = await runAsAdmin(parts, at, (session) =>
    parts.connections.runAs(login, session, (own) => own.run('SELECT CURRENT_USER() AS account')),
  );
  if (String(row?.account).startsWith(`${login.user}@`)) return;
  throw fail('target_failed', { target: parts.name, why: 'the new login is another user' });
}

async function runAsAdmin<T>(parts: Parts, at: Instant, work: AdminWork<T>): Promise<T> {
  try {
    return await parts.connections.run({ target: parts.name, at, clock: parts.clock }, work);
  } catch (error) {
    throw toTargetFailure(parts.name, error);
  }
}

function requireRoles(options: MysqlConnectorOptions, scopes: readonly Scope[]): readonly string[] {
  const roles = scopes.flatMap((scope) => {
    const found = Object.hasOwn(options.memberOf, scope) ? options.memberOf[scope] : undefined;
    if (found) return found;
    throw fail('target_failed', { target: options.name, why: `"member_of" has nothing for ${scope}` });
  });
  return [...new Set(roles)];
}
