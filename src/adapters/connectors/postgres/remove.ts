import { fail } from '../../../core/errors.ts';
import type { Removal } from '../../../core/ports/connector.ts';
import { type Deadline, requireTime } from '../deadline.ts';
import { giveBackAccounts, giveBackUnmarked } from './account.ts';
import type { Connections, Row } from './connections.ts';
import { buildHandOverSql } from './hand-over-sql.ts';
import { buildDisarmSql, buildFinishSql, buildLookSql } from './remove-sql.ts';
import type { Namer } from './role-name.ts';

export type RemovalOrder = {
  readonly namer: Namer;
  readonly role: string;
  /** Who gets what the role owns. */
  readonly recipient: string | undefined;
  /** Those that its scopes stand for today. */
  readonly accounts: readonly string[];
  readonly deadline: Deadline;
};

type Report = {
  readonly gone: boolean;
  readonly roleId: number | undefined;
  readonly ended: number;
  readonly databases: readonly string[];
};

/** Whatever the grant has here, by what there is and not by what its scopes are for today: they may have changed. */
export async function removeGrant(connections: Connections, order: RemovalOrder): Promise<Removal> {
  const { namer, role, deadline } = order;
  const work = { connections, namer, deadline };
  const { sessionsEnded, hasAccounts } = await removeRole(connections, order);
  const ofAccounts = hasAccounts ? await giveBackAccounts(work, role) : 0;
  return { sessionsEnded: sessionsEnded + ofAccounts + (await giveBackUnmarked(work, order.accounts)) };
}

/** The order of S6: no new logins, end sessions, hand over, drop, look. Every step may be repeated. */
async function removeRole(
  connections: Connections,
  order: RemovalOrder,
): Promise<Removal & { readonly hasAccounts: boolean }> {
  const { role, deadline } = order;
  const [disarmed] = await connections.run({ sql: buildDisarmSql(role), deadline });
  let sessionsEnded = Number(disarmed?.ended ?? 0);
  for (;;) {
    requireTime(deadline);
    const report = readReport(await connections.run({ sql: buildFinishSql(role), deadline }));
    sessionsEnded += report.ended;
    if (report.gone) {
      const hasAccounts = await requireGone(connections, { ...order, roleId: report.roleId ?? 0 });
      return { sessionsEnded, hasAccounts };
    }
    const sql = buildHandOverSql(role, order.recipient);
    for (const database of report.databases) await connections.runElsewhere({ database }, { sql, deadline });
  }
}

/** Whether the grant has accounts is what the same look says. */
async function requireGone(
  connections: Connections,
  order: RemovalOrder & { readonly roleId: number },
): Promise<boolean> {
  const sql = buildLookSql(order.namer, order);
  const [left] = await connections.run({ sql, deadline: order.deadline });
  if (left?.roles === 0 && left.sessions === 0) return left.accounts !== 0;
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
