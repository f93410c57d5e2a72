import type { AdminSession } from './session.ts';
import { account, text } from './sql.ts';

export type Account = { readonly user: string; readonly host: string };

/**
 * Takes every role and privilege, before the user is dropped: MySQL from 8.0.22 on keeps a user that programs of its own name
 * as their definer, and neither a lock nor the end of its sessions ends those. All is tried; the first failure is returned,
 * because a user that can be dropped all the same has no rights either.
 */
export async function takeRights(session: AdminSession, { user, host }: Account): Promise<unknown> {
  const failures: unknown[] = [];
  const attempt = (sql: string): Promise<unknown> => session.run(sql).catch((error) => failures.push(error));
  const own = account(user, host);
  if (!session.isMariaDb) {
    await attempt(`ALTER USER ${own} DEFAULT ROLE NONE`);
    for (const role of await findRoles(session, { user, host })) await attempt(`REVOKE ${role} FROM ${own}`);
  }
  await attempt(`REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${own}`);
  return failures[0];
}

async function findRoles(session: AdminSession, { user, host }: Account): Promise<readonly string[]> {
  const held = await session.run(
    `SELECT FROM_USER AS role, FROM_HOST AS role_host FROM mysql.role_edges
      WHERE TO_USER = ${text(user)} AND TO_HOST = ${text(host)}`,
  );
  return held.map((row) => account(String(row.role), String(row.role_host)));
}
