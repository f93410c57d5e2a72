import type { ConnectorParts } from '../../../core/config/connector-kind.ts';
import type { Credential } from '../../../core/credential.ts';
import type { Connector, IssueOrder } from '../../../core/ports/connector.ts';
import type { Scope } from '../../../core/scope.ts';
import type { Secret } from '../../../core/secret.ts';
import type { Instant } from '../../../core/time.ts';
import type { Deadline } from '../deadline.ts';
import { type AccountWork, prolongAccount, takeAccount } from './account.ts';
import { type Address, parseAddress } from './address.ts';
import { createAdministrator } from './administrator.ts';
import { Connections } from './connections.ts';
import { buildCredential } from './credential.ts';
import { toTargetFailure } from './failure.ts';
import { buildExtendSql, buildIssueSql } from './issue-sql.ts';
import { listRoles, readActivity } from './look.ts';
import { findPlace, findRecipient, listAccounts } from './place.ts';
import { probeLogin } from './probe.ts';
import { removeGrant } from './remove.ts';
import { buildRoleName, requireOwnRole } from './role-name.ts';
import { buildVerifier, createPassword } from './scram.ts';
import { combineSettings, type SettingsByScope } from './session-settings.ts';
import type { TlsSettings } from './transport.ts';
import { keepUp, type UpkeepRules } from './upkeep.ts';

const POOL_SIZE = 4;

export type PostgresConnectorOptions = Pick<ConnectorParts, 'clock' | 'readSecret' | 'replaceSecret'> & {
  /** The target's name, for messages. */
  readonly name: string;
  /** The administrator's URL: CREATEROLE, and ADMIN on every role in `memberOf`; no superuser. */
  readonly url: Secret;
  /** The prepared `NOLOGIN` roles that each scope stands for (S7). */
  readonly memberOf: Readonly<Record<Scope, readonly string[]>>;
  /** The account that a scope stands for, in place of a role of its own; its password is changed for each grant. */
  readonly accounts?: Readonly<Record<Scope, string>> | undefined;
  /** Where engineers are let in, the first one without being asked; the URL's where it is not said. */
  readonly databases?: readonly string[] | undefined;
  /** How connections are protected, where the URL does not say it. */
  readonly tls?: TlsSettings | undefined;
  /** What sessions begin with, for scopes that say so. */
  readonly sessions?: SettingsByScope | undefined;
  /** Gets what engineers made; without it the scope's first role that can. */
  readonly owner?: string | undefined;
  /** Eight characters of `[a-z0-9]`: nothing under another installation's names is ever touched. */
  readonly installation: string;
  /** How often accounts that nobody holds get another password; the administrator; never where it is not said. */
  readonly rotateSeconds?: number | undefined;
  readonly rotateAdminSeconds?: number | undefined;
  readonly poolSize?: number | undefined;
};

type Parts = PostgresConnectorOptions & { readonly address: Address; readonly connections: Connections };

/** A PostgreSQL server as a target: a login role per grant. Connects at the first call, not before. */
export function openPostgresConnector(options: PostgresConnectorOptions): Connector {
  const address = parseAddress(options.url, { target: options.name, tls: options.tls });
  const poolSize = options.poolSize ?? POOL_SIZE;
  const { password: first } = address;
  const administrator = first && createAdministrator({ ...options, first, user: address.user });
  const connections = new Connections({ address, passwords: administrator, clock: options.clock, poolSize });
  const databases = options.databases ?? [address.database];
  const parts = { ...options, address, connections };
  const guard = <T>(action: Promise<T>): Promise<T> =>
    action.catch((error: unknown) => {
      throw toTargetFailure(options.name, error);
    });
  const deadline = (at: Instant): Deadline => ({ target: options.name, at, clock: options.clock });
  const own = (handle: string): string => requireOwnRole(options, handle);
  const upkeep = buildUpkeep(options, administrator);
  return {
    kind: 'postgres',
    plan: (grantId) => buildRoleName(options, grantId),
    issue: (order) => guard(issue(parts, order)),
    probe: (credential, at) =>
      guard(probeLogin(connections, { credential, databases, deadline: deadline(at) })),
    extend: (order) => guard(extend(parts, order)),
    remove: async (handle, { scopes, deadlineAt }) => {
      const recipient = findRecipient(options, scopes);
      return guard(
        removeGrant(connections, {
          namer: options,
          role: own(handle),
          recipient,
          accounts: listAccounts(options, scopes),
          deadline: deadline(deadlineAt),
        }),
      );
    },
    list: (at) => guard(listRoles(connections, { namer: options, deadline: deadline(at) })),
    activity: async (handle, at) =>
      guard(readActivity(connections, { namer: options, handle: own(handle), deadline: deadline(at) })),
    ...(upkeep
      ? {
          upkeep: ({ deadlineAt, ...notes }) =>
            keepUp({ connections, namer: options, deadline: deadline(deadlineAt) }, { ...upkeep, ...notes }),
        }
      : {}),
    close: () => connections.close(),
  };
}

/** Undefined where nothing is replaced but what grants have. */
function buildUpkeep(
  { accounts = {}, rotateSeconds, rotateAdminSeconds }: PostgresConnectorOptions,
  administrator: UpkeepRules['administrator'],
): UpkeepRules | undefined {
  if (rotateSeconds === undefined && rotateAdminSeconds === undefined) return undefined;
  return {
    accounts: [...new Set(Object.values(accounts))],
    rotateSeconds,
    administrator,
    rotateAdminSeconds,
  };
}

async function issue(parts: Parts, order: IssueOrder): Promise<Credential> {
  const handle = requireOwnRole(parts, order.handle);
  const place = findPlace(parts, order.scopes);
  const password = createPassword();
  const verifier = await buildVerifier(password);
  const settings = combineSettings(parts.sessions ?? {}, order.scopes);
  const what = { verifier, settings, expiresAt: order.expiresAt };
  if (place.account === undefined) {
    const { grantVersion = 0 } = order;
    const sql = buildIssueSql({ role: handle, memberOf: place.memberOf, grantVersion, ...what });
    await parts.connections.run({ sql, deadline: toDeadline(parts, order) });
  } else {
    await takeAccount(toWork(parts, order), { account: place.account, handle, ...what });
  }
  const database = parts.databases?.[0] ?? parts.address.database;
  return buildCredential({ ...parts.address, database }, { handle, role: place.account ?? handle, password });
}

async function extend(parts: Parts, order: IssueOrder): Promise<void> {
  const handle = requireOwnRole(parts, order.handle);
  const { expiresAt } = order;
  const { account } = findPlace(parts, order.scopes);
  if (account !== undefined) return prolongAccount(toWork(parts, order), { account, handle, expiresAt });
  const sql = buildExtendSql(handle, expiresAt);
  await parts.connections.run({ sql, deadline: toDeadline(parts, order) });
}

function toWork(parts: Parts, order: IssueOrder): AccountWork {
  return { connections: parts.connections, namer: parts, deadline: toDeadline(parts, order) };
}

function toDeadline(parts: Parts, order: IssueOrder): Deadline {
  return { target: parts.name, at: order.deadlineAt, clock: parts.clock };
}
