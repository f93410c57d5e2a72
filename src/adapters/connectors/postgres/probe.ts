import type { Credential } from '../../../core/credential.ts';
import { fail } from '../../../core/errors.ts';
import type { Deadline } from '../deadline.ts';
import type { Connections } from './connections.ts';
import { type Login, readLogin } from './credential.ts';
import { isEveryConnectionTaken } from './failure.ts';
import { text } from './sql.ts';

export type ProbeOrder = {
  readonly credential: Credential;
  /** Every one that the grant is for. */
  readonly databases: readonly string[];
  readonly deadline: Deadline;
};

/** Logs in to each database once, as the holder would. Throws `target_failed` when that is another role, and what the server says. */
export async function probeLogin(connections: Connections, order: ProbeOrder): Promise<void> {
  const { credential, databases, deadline } = order;
  const login = readLogin(credential);
  if (!login)
    throw fail('target_failed', { target: deadline.target, why: 'that is no PostgreSQL credential' });
  try {
    for (const database of databases) await logIn(connections, { login, database, deadline });
  } catch (error) {
    // Said after the password was found right: the holder's own sessions are in the way, of a claim that was repeated.
    if (isEveryConnectionTaken(error) && (await isFull(connections, { login, deadline }))) return;
    throw error;
  }
}

type Attempt = { readonly login: Login; readonly deadline: Deadline };

async function logIn(
  connections: Connections,
  { login, database, deadline }: Attempt & { readonly database: string },
): Promise<void> {
  const sql = 'SELECT current_user::text AS role;';
  const [row] = await connections.runElsewhere({ login, database }, { sql, deadline });
  if (row?.role === login.role) return;
  throw fail('target_failed', { target: deadline.target, why: 'the new login is another role' });
}

/** Has the role as many sessions as it may? The server's other limits have the same code. */
async function isFull(connections: Connections, { login, deadline }: Attempt): Promise<boolean> {
  const sql = `SELECT r.rolconnlimit <= (SELECT count(*) FROM pg_stat_activity a WHERE a.usesysid = r.oid) AS is_full
    FROM pg_roles r WHERE r.rolname = ${text(login.role)};`;
  const [row] = await connections.run({ sql, deadline });
  return row?.is_full === true;
}
