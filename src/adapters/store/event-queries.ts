import type { AuditEvent, AuditEventKind } from '../../core/audit/event.ts';
import type { LoggedChange } from '../../core/ports/store.ts';
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

/** What is written after a position: one writer at a time, so that no smaller position appears afterwards. */
export async function listChanges(
  db: Database,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<readonly LoggedChange[]> {
  const rows = await db
    .selectFrom('audit_events')
    .select(['written', 'kind', 'at', 'request_id', 'grant_id'])
    .where('written', '>', after)
    .orderBy('written')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    position: row.written,
    kind: row.kind as AuditEventKind,
    at: row.at,
    requestId: row.request_id,
    grantId: row.grant_id,
  }));
}

export async function findPosition(db: Database): Promise<number> {
  const row = await db
    .selectFrom('audit_events')
    .select('written')
    .orderBy('written', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.written ?? 0;
}
