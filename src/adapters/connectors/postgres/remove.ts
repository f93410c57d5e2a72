import { fail } from '../../../core/errors.ts';
import type { Removal } from '../../../core/ports/connector.ts';
import { type Deadline, requireTime } from '../deadline.ts';
import type { Connections, Row } from './connections.ts';
import { isPrivilegeMissing } from './failure.ts';
import { buildDisarmSql, buildFinishSql, buildHandOverSql, buildLookSql } from './remove-sql.ts';

export type RemovalOrder = {
  readonly role: string;
  /** Who may get what the role owns, in order of preference. */
  readonly recipients: readonly string[];
  readonly deadline: Deadline;
};

type Report = {
  readonly gone: boolean;
  readonly roleId: number | undefined;
  readonly ended: number;
  readonly databases: readonly string[];
};

/** The order of S6: no new logins, end sessions, hand over, drop, look. Every step may be repeated. */
export async function removeRole(connections: Connections, order: RemovalOrder): Promise<Removal> {
  const { role, deadline } = order;
  const [disarmed] = await connections.run({ sql: buildDisarmSql(role), deadline });
  let sessionsEnded = Number(disarmed?.ended ?? 0);
  for (;;) {
    requireTime(deadline);
    const report = readReport(await connections.run({ sql: buildFinishSql(role), deadline }));
    sessionsEnded += report.ended;
    if (report.gone) {
      await requireGone(connections, { ...order, roleId: report.roleId ?? 0 });
      return { sessionsEnded };
    }
    for (const database of report.databases) await handOver(connections, { ...order, database });
  }
}

async function handOver(
  connections: Connections,
  order: RemovalOrder & { readonly database: string },
): Promise<void> {
  const { role, database, deadline } = order;
  const [first, ...others] = order.recipients;
  let recipient = first;
  for (;;) {
    try {
      const sql = buildHandOverSql(role, recipient);
      await connections.runElsewhere({ database }, { sql, deadline });
      return;
    } catch (error) {
      recipient = others.shift();
      if (recipient === undefined || !isPrivilegeMissing(error)) throw error;
    }
  }
}

async function requireGone(
  connections: Connections,
  order: RemovalOrder & { readonly roleId: number },
): Promise<void> {
  const sql = buildLookSql(order.role, order.roleId);
  const [left] = await connections.run({ sql, deadline: order.deadline });
  if (left?.roles === 0 && left.sessions === 0) return;
  throw fail('target_failed', { target: order.deadline.target, why: `${order.role} is still there` });
}

function readReport(rows: readonly Row[]): Report {
  const report = (rows[0]?.report ?? {}) as Row;
  const databases = Array.isArray(report.databases) ? report.databases.map(String) : [];
  return {
    gone: report.gone === true,
    roleId: report.role_id === null ? undefined : Number(report.role_id),
    ended: Number(report.ended ?? 0),
    databases,
  };
}
