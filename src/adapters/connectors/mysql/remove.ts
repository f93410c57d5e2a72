import { fail } from '../../../core/errors.ts';
import type { Removal } from '../../../core/ports/connector.ts';
import { findHosts, lockUser } from './accounts.ts';
import type { AdminSession } from './connections.ts';
import { type Account, takeRights } from './rights.ts';
import { endSessions } from './sessions.ts';
import { account, identifier } from './sql.ts';

/**
 * No new logins, end sessions, no rights, drop, look. Dropping a user ends none of its sessions. Every step may be repeated; what
 * the engineer made belongs to no user in MySQL, and stays.
 */
export async function removeUser(session: AdminSession, user: string): Promise<Removal> {
  await lockUser(session, user);
  const order = { clock: session.deadline.clock, user };
  const accounts = (await findHosts(session, user)).filter((host) => !isRole(session, host));
  for (const host of accounts) await session.run(`ALTER USER ${account(user, host)} ACCOUNT LOCK`);
  const ended = await endSessions(session, order);
  for (const host of accounts) await dropUser(session, { user, host });
  if (session.isMariaDb) await session.run(`DROP ROLE IF EXISTS ${identifier(user)}`);
  // A login that was under way when the user was locked is a session of nobody's by now.
  const late = await endSessions(session, order);
  await requireGone(session, user);
  return { sessionsEnded: new Set([...ended, ...late]).size };
}

async function dropUser(session: AdminSession, { user, host }: Account): Promise<void> {
  const left = await takeRights(session, { user, host });
  await session.run(`DROP USER IF EXISTS ${account(user, host)}`).catch((error) => {
    throw left ?? error;
  });
}

function isRole(session: AdminSession, host: string): boolean {
  return session.isMariaDb && host === '';
}

async function requireGone(session: AdminSession, user: string): Promise<void> {
  if ((await findHosts(session, user)).length === 0) return;
  throw fail('target_failed', { target: session.deadline.target, why: `${user} is still there` });
}
