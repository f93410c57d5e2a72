import type { LiveCredential } from '../../../core/ports/connector.ts';
import type { Instant } from '../../../core/time.ts';
import type { AdminSession, Session } from './session.ts';
import { text } from './sql.ts';
import { isOwnUser, type Namer, userPrefix } from './user-name.ts';

/** The hosts of the accounts with this name; MariaDB keeps a role under an empty one. */
export async function findHosts(session: Session, user: string): Promise<readonly string[]> {
  const rows = await session.run(`SELECT Host AS host FROM mysql.user WHERE User = ${text(user)}`);
  return rows.map((row) => String(row.host));
}

/** Every user with a name of this installation; a name that only looks like one is somebody else's. */
export async function listUsers(session: Session, namer: Namer): Promise<readonly LiveCredential[]> {
  const prefix = userPrefix(namer);
  const rows = await session.run(`
    SELECT u.name, (SELECT COUNT(*) FROM information_schema.PROCESSLIST p
        WHERE CAST(p.USER AS BINARY) = u.name) AS sessions
      FROM (SELECT DISTINCT CAST(User AS BINARY) AS name FROM mysql.user) u
      WHERE LEFT(u.name, ${prefix.length}) = ${text(prefix)} ORDER BY u.name`);
  return rows
    .map((row) => ({ handle: String(row.name), sessions: Number(row.sessions) }))
    .filter((live) => isOwnUser(namer, live.handle));
}

/**
 * The latest sign of life of the user's sessions, to the second; a statement that is running counts as now. Null without
 * sessions.
 */
export async function readActivity(session: AdminSession, user: string): Promise<Instant | null> {
  const [row] = await session.run(`
    SELECT FLOOR(MAX(UNIX_TIMESTAMP(NOW(3)) - IF(COMMAND = 'Sleep', TIME, 0)) * 1000) AS at
      FROM information_schema.PROCESSLIST WHERE USER = ${text(user)}`);
  return row?.at === null || row?.at === undefined ? null : Number(row.at);
}
