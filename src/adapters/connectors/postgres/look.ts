import type { LiveCredential } from '../../../core/ports/connector.ts';
import type { Instant } from '../../../core/time.ts';
import type { Deadline } from '../deadline.ts';
import type { Connections } from './connections.ts';
import { isOwnRole, type Namer, rolePrefix } from './role-name.ts';
import { text } from './sql.ts';

/** Every role with a name of this installation; a name that only looks like one is somebody else's. */
export async function listRoles(
  connections: Connections,
  options: { readonly namer: Namer; readonly deadline: Deadline },
): Promise<readonly LiveCredential[]> {
  const sql = `
    SELECT r.rolname::text AS role, count(a.pid)::int AS sessions
      FROM pg_roles r LEFT JOIN pg_stat_activity a ON a.usesysid = r.oid
      WHERE starts_with(r.rolname::text, ${text(rolePrefix(options.namer))})
      GROUP BY r.rolname ORDER BY r.rolname;`;
  const rows = await connections.run({ sql, deadline: options.deadline });
  return rows
    .map((row) => ({ handle: String(row.role), sessions: Number(row.sessions) }))
    .filter((live) => isOwnRole(options.namer, live.handle));
}

/** The latest sign of life of the role's sessions; a statement that is running counts as now. Null without sessions. */
export async function readActivity(
  connections: Connections,
  options: { readonly role: string; readonly deadline: Deadline },
): Promise<Instant | null> {
  const sql = `
    SELECT floor(extract(epoch FROM max(CASE WHEN a.state = 'active' THEN clock_timestamp()
        ELSE greatest(a.backend_start, a.query_start, a.state_change) END)) * 1000)::float8 AS at
      FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid WHERE r.rolname = ${text(options.role)};`;
  const [row] = await connections.run({ sql, deadline: options.deadline });
  return typeof row?.at === 'number' ? row.at : null;
}
