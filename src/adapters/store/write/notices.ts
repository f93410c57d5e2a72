import type { Notice } from '../../../core/notice.ts';
import type { DeliveryRecord } from '../../../core/ports/store.ts';
import type { Access } from '../access.ts';
import { buildNoticeRow } from '../rows/notice-rows.ts';
import type { Database } from '../schema.ts';
import { ONE_ROW, type Step } from './steps.ts';
import { buildTakenChange, buildWorkChange } from './work.ts';
import { isWritten } from './write-or-lose.ts';

export function listNoticeSteps(db: Database, notices: readonly Notice[]): readonly Step[] {
  if (notices.length === 0) return [];
  return [{ query: db.insertInto('notices').values(notices.map(buildNoticeRow)).compile() }];
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
