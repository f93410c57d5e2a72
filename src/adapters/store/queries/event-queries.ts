import type { AuditEvent, AuditEventKind } from '../../../core/audit/event.ts';
import type { LoggedChange } from '../../../core/ports/store.ts';
import type { Database } from '../schema.ts';
import { atMost, roundUp } from '../statements/reuse.ts';

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
    .limit(atMost(roundUp(limit)))
    .execute();
  return rows.slice(0, limit).map((row) => ({
    id: row.id,
    kind: row.kind as AuditEventKind,
    at: row.at,
    actor: row.actor,
    requestId: row.request_id,
    grantId: row.grant_id,
    detail: JSON.parse(row.detail) as Readonly<Record<string, unknown>>,
  }));
}

export type LogRange = { readonly after: number; readonly limit: number };

/** A change as the log has it, with the id of its event. */
export type LogEntry = LoggedChange & { readonly eventId: string };

/** What is sealed after a position. The first leaf, 0, is at position 1: at 0 there is nothing yet. */
export async function listLog(db: Database, { after, limit }: LogRange): Promise<readonly LogEntry[]> {
  const rows = await db
    .selectFrom('audit_leaves')
    .innerJoin('audit_events', 'audit_events.id', 'audit_leaves.event_id')
    .select(['leaf_index', 'event_id', 'kind', 'at', 'request_id', 'grant_id'])
    .where('leaf_index', '>=', after)
    .orderBy('leaf_index')
    .limit(atMost(roundUp(limit)))
    .execute();
  return rows.slice(0, limit).map((row) => ({
    position: row.leaf_index + 1,
    eventId: row.event_id,
    kind: row.kind as AuditEventKind,
    at: row.at,
    requestId: row.request_id,
    grantId: row.grant_id,
  }));
}

export async function findPosition(db: Database): Promise<number> {
  const row = await db
    .selectFrom('audit_leaves')
    .select('leaf_index')
    .orderBy('leaf_index', 'desc')
    .limit(atMost(1))
    .executeTakeFirst();
  return row ? row.leaf_index + 1 : 0;
}
