import { fail } from '../../../core/errors.ts';
import type { Secret } from '../../../core/secret.ts';
import type { Instant } from '../../../core/time.ts';
import { findHosts } from './accounts.ts';
import type { Connections } from './connections.ts';
import { lockUser } from './locks.ts';
import { buildNativeHash } from './password.ts';
import type { AdminSession } from './session.ts';
import { buildCachingSha2Hash } from './sha-crypt.ts';
import { account, identifier, text } from './sql.ts';

const CONNECTION_LIMIT = 20;
const MS_PER_DAY = 86_400_000;

/** From anywhere: where a grant may be used from is policy's business, and the network's. */
const ANYWHERE = '%';

export type UserOrder = {
  readonly user: string;
  readonly password: Secret;
  readonly memberOf: readonly string[];
  readonly isSslRequired: boolean;
  readonly expiresAt: Instant;
};

/**
 * Makes the user, or gives the one that is there a new password and exactly these roles. It is locked until it has all of
 * that, so that nobody gets in meanwhile.
 */
export async function issueUser(
  connections: Connections,
  session: AdminSession,
  order: UserOrder,
): Promise<void> {
  await lockUser(session, order.user);
  const identity = buildIdentity(session, order.password);
  await session.run(`CREATE USER IF NOT EXISTS ${account(order.user, ANYWHERE)} ${identity} ACCOUNT LOCK`);
  await (session.isMariaDb ? grantThroughRole(session, order) : grantDirectly(session, order));
  await session.run(`${alter(order.user)} ${identity} ${buildTerms(session, order)} ACCOUNT UNLOCK`);
  // An administrator could do it for the user only with write access to all of `mysql`, which is everything.
  if (session.isMariaDb)
    await connections.runAs(order, session, (own) => own.run(`SET DEFAULT ROLE ${identifier(order.user)}`));
}

/** Fails when the user is not there. */
export async function extendUser(
  session: AdminSession,
  order: Pick<UserOrder, 'user' | 'expiresAt'>,
): Promise<void> {
  await lockUser(session, order.user);
  const hosts = await findHosts(session, order.user);
  if (!hosts.includes(ANYWHERE))
    throw fail('target_failed', { target: session.deadline.target, why: `${order.user} is not there` });
  await session.run(`${alter(order.user)} ${buildExpiry(session, order)}`);
}

function alter(user: string): string {
  return `ALTER USER ${account(user, ANYWHERE)}`;
}

function buildIdentity(session: AdminSession, password: Secret): string {
  return session.isMariaDb
    ? `IDENTIFIED VIA mysql_native_password USING '${buildNativeHash(password)}'`
    : `IDENTIFIED WITH caching_sha2_password AS '${buildCachingSha2Hash(password)}'`;
}

function buildTerms(session: AdminSession, order: UserOrder): string {
  const encryption = `REQUIRE ${order.isSslRequired ? 'SSL' : 'NONE'}`;
  const limits = `WITH MAX_USER_CONNECTIONS ${CONNECTION_LIMIT}`;
  return `${encryption} ${limits} ${buildExpiry(session, order)}`;
}

/**
 * A password ends by whole days, counted from when it was set, and ends no session: only a net below jit, should it never
 * come back to remove the user.
 */
function buildExpiry(session: AdminSession, order: Pick<UserOrder, 'expiresAt'>): string {
  const leftMs = order.expiresAt - session.deadline.clock.now();
  const days = Math.min(Math.max(Math.ceil(leftMs / MS_PER_DAY), 0) + 1, 65_535);
  return `PASSWORD EXPIRE INTERVAL ${days} DAY`;
}

/** MariaDB turns on one role at login and no more: one of the user's own, which is a member of those that are wanted. */
async function grantThroughRole(session: AdminSession, order: UserOrder): Promise<void> {
  const own = identifier(order.user);
  await session.run(`CREATE ROLE IF NOT EXISTS ${own}`);
  const held = await session.run(
    `SELECT Role AS role FROM mysql.roles_mapping WHERE Host = '' AND User = ${text(order.user)}`,
  );
  for (const role of listOthers(held, order)) await session.run(`REVOKE ${identifier(role)} FROM ${own}`);
  for (const role of order.memberOf) await session.run(`GRANT ${identifier(role)} TO ${own}`);
  await session.run(`GRANT ${own} TO ${account(order.user, ANYWHERE)}`);
}

/** MySQL turns on as many as it is told. */
async function grantDirectly(session: AdminSession, order: UserOrder): Promise<void> {
  const own = account(order.user, ANYWHERE);
  const held = await session.run(
    `SELECT FROM_USER AS role FROM mysql.role_edges WHERE TO_USER = ${text(order.user)}`,
  );
  for (const role of listOthers(held, order)) await session.run(`REVOKE ${identifier(role)} FROM ${own}`);
  for (const role of order.memberOf) await session.run(`GRANT ${identifier(role)} TO ${own}`);
  await session.run(`ALTER USER ${own} DEFAULT ROLE ALL`);
}

function listOthers(
  held: readonly Readonly<Record<string, unknown>>[],
  { memberOf }: UserOrder,
): readonly string[] {
  return held.map((row) => String(row.role)).filter((role) => !memberOf.includes(role));
}
