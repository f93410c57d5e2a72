import type { Insertable, Selectable } from 'kysely';
import type { Notice, NoticeId, NoticeKind } from '../../../core/notice.ts';
import type { DeliveryRecord } from '../../../core/ports/store.ts';
import type { Access } from '../access.ts';
import { readByIds } from '../queries/many-ids.ts';
import type { Database, NoticeTable } from '../schema.ts';
import { ONE_ROW, type Step } from './steps.ts';
import { buildTakenChange, buildWorkChange } from './work.ts';
import { isWritten } from './write-or-lose.ts';

export function listNoticeSteps(db: Database, notices: readonly Notice[]): readonly Step[] {
  if (notices.length === 0) return [];
  return [{ query: db.insertInto('notices').values(notices.map(buildNoticeRow)).compile() }];
}

export async function readNotice(db: Database, id: string): Promise<Notice | undefined> {
  const row = await db.selectFrom('notices').selectAll().where('id', '=', id).executeTakeFirst();
  return row && readNoticeRow(row);
}

/** Oldest first. */
export async function listNotices(db: Database, requestIds: readonly string[]): Promise<readonly Notice[]> {
  const rows = await readByIds(requestIds, (ids) =>
    db.selectFrom('notices').selectAll().where('request_id', 'in', ids).execute(),
  );
  return rows.map(readNoticeRow).sort(byAge);
}

function byAge(left: Notice, right: Notice): number {
  return left.createdAt - right.createdAt || (left.id < right.id ? -1 : 1);
}

/** What became of a delivery, by who has its work; what was accepted, by whoever brought it there. */
export async function recordDelivery(access: Access, record: DeliveryRecord): Promise<'recorded' | 'lost'> {
  return (await isWritten(access, listDeliverySteps(access.db, record))) ? 'recorded' : 'lost';
}

// The row of the work is held first: whoever takes it at this moment waits, and finds it changed.
function listDeliverySteps(db: Database, { notice, taken, again }: DeliveryRecord): readonly Step[] {
  const { state, attempts, reference, last_error, settled_at } = buildNoticeRow(notice);
  const query = db
    .updateTable('notices')
    .set({ state, attempts, reference, last_error, settled_at })
    .where('id', '=', notice.id)
    .where('state', '=', 'waiting')
    .compile();
  const work =
    state === 'accepted'
      ? { query: buildWorkChange(db, { finish: taken.id }) }
      : { query: buildTakenChange(db, taken, again), ...ONE_ROW };
  return [work, { query, ...ONE_ROW }];
}

function buildNoticeRow(notice: Notice): Insertable<NoticeTable> {
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

function readNoticeRow(row: Selectable<NoticeTable>): Notice {
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
