import type { Notice } from '../../../core/notice.ts';
import { readNoticeRow } from '../rows/notice-rows.ts';
import type { Database } from '../schema.ts';
import { readByIds } from './many-ids.ts';

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
