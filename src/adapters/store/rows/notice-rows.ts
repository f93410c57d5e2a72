import type { Insertable, Selectable } from 'kysely';
import type { Notice, NoticeId, NoticeKind } from '../../../core/notice.ts';
import type { NoticeTable } from '../schema.ts';

export function buildNoticeRow(notice: Notice): Insertable<NoticeTable> {
  return {
    id: notice.id,
    channel: notice.channel,
    kind: notice.kind,
    request_id: notice.requestId,
    created_at: notice.createdAt,
    state: notice.state,
    attempts: notice.attempts,
    reference: notice.reference,
    last_error: notice.lastError,
    settled_at: notice.settledAt,
  };
}

export function readNoticeRow(row: Selectable<NoticeTable>): Notice {
  return {
    id: row.id as NoticeId,
    channel: row.channel,
    kind: row.kind as NoticeKind,
    requestId: row.request_id,
    createdAt: row.created_at,
    state: row.state as Notice['state'],
    attempts: row.attempts,
    reference: row.reference,
    lastError: row.last_error,
    settledAt: row.settled_at,
  };
}
