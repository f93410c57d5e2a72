import type { Handle, LiveCredential } from '../../../core/ports/connector.ts';
import type { Instant } from '../../../core/time.ts';
import type { Deadline } from '../deadline.ts';
import { findMark, isHeldBy, isHeldByAny } from './account-mark.ts';
import type { Connections } from './connections.ts';
import { isOwnRole, type Namer, rolePrefix } from './role-name.ts';
import { text } from './sql.ts';

/** Every role with a name of this installation, and every account that one has; what only looks like one is somebody else's. */
export async function listRoles(
  connections: Connections,
  options: { readonly namer: Namer; readonly deadline: Deadline },
): Promise<readonly LiveCredential[]> {
  const prefix = rolePrefix(options.namer);
  const sql = `
    SELECT live.handle, count(a.pid)::int AS sessions
      FROM (
        SELECT r.rolname::text AS handle, r.oid FROM pg_roles r WHERE starts_with(r.rolname::text, ${text(prefix)})
        UNION ALL
        SELECT split_part(${findMark('d.description')}, ' ', 3), d.objoid FROM pg_shdescription d
          WHERE d.classoid = 'pg_authid'::regclass
            AND ${isHeldByAny('d.description', options.namer)}
      ) AS live LEFT JOIN pg_stat_activity a ON a.usesysid = live.oid
      GROUP BY live.handle ORDER BY live.handle;`;
  const rows = await connections.run({ sql, deadline: options.deadline });
  return rows
    .map((row) => ({ handle: String(row.handle), sessions: Number(row.sessions) }))
    .filter((live) => isOwnRole(options.namer, live.handle));
}

/** The latest sign of life of a grant's sessions; a statement that is running counts as now. Null without sessions. */
export async function readActivity(
  connections: Connections,
  options: { readonly namer: Namer; readonly handle: Handle; readonly deadline: Deadline },
): Promise<Instant | null> {
  const sql = `
    SELECT floor(extract(epoch FROM max(CASE WHEN a.state = 'active' THEN clock_timestamp()
        ELSE greatest(a.backend_start, a.query_start, a.state_change) END)) * 1000)::float8 AS at
      FROM pg_stat_activity a WHERE a.usesysid IN (
        SELECT r.oid FROM pg_roles r WHERE r.rolname = ${text(options.handle)}
        UNION ALL
        SELECT d.objoid FROM pg_shdescription d
          WHERE d.classoid = 'pg_authid'::regclass AND ${isHeldBy('d.description', options)});`;
  const [row] = await connections.run({ sql, deadline: options.deadline });
  return typeof row?.at === 'number' ? row.at : null;
}
