import type { AuditEvent, AuditEventKind } from '../../core/audit/event.ts';
import type { Database } from './schema.ts';

export type EventFilter = {
  readonly requestId?: string;
  readonly grantId?: string;
  readonly limit: number;
};

/** In the order in which they were written. */
export async function listEvents(db: Database, filter: EventFilter): Promise<readonly AuditEvent[]> {
  const { requestId, grantId, limit } = filter;
  const rows = await db
    .selectFrom('audit_events')
    .selectAll()
    .$if(requestId !== undefined, (query) => query.where('request_id', '=', requestId ?? ''))
    .$if(grantId !== undefined, (query) => query.where('grant_id', '=', grantId ?? ''))
    .orderBy('written')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind as AuditEventKind,
    at: row.at,
    actor: row.actor,
    requestId: row.request_id,
    grantId: row.grant_id,
    detail: JSON.parse(row.detail) as Readonly<Record<string, unknown>>,
  }));
}
