import { fail } from '../../../core/errors.ts';
import type { Removal } from '../../../core/ports/connector.ts';
import { findHosts } from './accounts.ts';
import { lockUser } from './locks.ts';
import { type Account, takeRights } from './rights.ts';
import type { AdminSession } from './session.ts';
import { endSessions } from './sessions.ts';
import { account, identifier } from './sql.ts';

/** The hosts of the accounts, and the sessions that there were. */
type Ended = { readonly hosts: readonly string[]; readonly ended: ReadonlySet<number> };

/**
 * No new logins, end sessions, no rights, drop, look. Dropping a user ends none of its sessions. Every step may be repeated; what
 * the engineer made belongs to no user in MySQL, and stays. Access ends before the turn is waited for, which a jit that is gone may
 * have; and again in its turn, because one that is not may have opened the user meanwhile.
 */
export async function removeUser(session: AdminSession, user: string): Promise<Removal> {
  const first = await endAccess(session, user);
  await lockUser(session, user);
  const { hosts, ended } = await endAccess(session, user);
  for (const host of hosts) await dropUser(session, { user, host });
  if (session.isMariaDb) await session.run(`DROP ROLE IF EXISTS ${identifier(user)}`);
  // A login that was under way when the user was locked is a session of nobody's by now.
  const late = await endSessions(session, user);
  await requireGone(session, user);
  return { sessionsEnded: new Set([...first.ended, ...ended, ...late]).size };
}

/** Another removal may have dropped the user meanwhile. */
async function endAccess(session: AdminSession, user: string): Promise<Ended> {
  const hosts = (await findHosts(session, user)).filter((host) => !isRole(session, host));
  for (const host of hosts) await session.run(`ALTER USER IF EXISTS ${account(user, host)} ACCOUNT LOCK`);
  return { hosts, ended: await endSessions(session, user) };
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
