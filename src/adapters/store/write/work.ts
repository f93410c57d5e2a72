import type { CompiledQuery, ExpressionBuilder, Insertable, Selectable } from 'kysely';
import type { TakenWork, Work, WorkChange, WorkKind } from '../../../core/ports/store.ts';
import type { Instant } from '../../../core/time.ts';
import type { Access } from '../access.ts';
import type { Engine } from '../engine.ts';
import { isKnown } from '../queries/work-queries.ts';
import type { Database, Tables, WorkTable } from '../schema.ts';
import { atMost, reuse } from '../statements/reuse.ts';

/** Queues work; the same id again moves it, and whoever has it leased loses it. Or removes it. */
export function buildWorkChange(db: Database, change: WorkChange): CompiledQuery {
  if ('finish' in change) return removeWork(db, change.finish);
  const { id, ...rest } = buildWorkRow(change.queue);
  const values = Object.values(rest);
  return reuse(db, { name: 'work', parameters: [id, ...values, ...values] }, () =>
    db
      .insertInto('work')
      .values({ id, ...rest })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(rest)),
  );
}

function removeWork(db: Database, id: string): CompiledQuery {
  return reuse(db, { name: 'work is done', parameters: [id] }, () =>
    db.deleteFrom('work').where('id', '=', id),
  );
}

/** Ends taken work, or queues it again, where it is this taker's. */
export function buildTakenChange(
  db: Database,
  { id, leasedUntil }: Pick<TakenWork, 'id' | 'leasedUntil'>,
  again: Work | null,
): CompiledQuery {
  const isTaken = (is: ExpressionBuilder<Tables, 'work'>) => is.and({ id, lease_until: leasedUntil });
  if (!again) return db.deleteFrom('work').where(isTaken).compile();
  return db.updateTable('work').set(buildWorkRow(again)).where(isTaken).compile();
}

/** Only as this taker has it: what was queued anew since then is for later, what another one took is that one's. */
export async function finishWork(
  access: Access,
  { id, leasedUntil }: Pick<TakenWork, 'id' | 'leasedUntil'>,
): Promise<void> {
  await access.writeOne((writer) =>
    writer.deleteFrom('work').where('id', '=', id).where('lease_until', '=', leasedUntil).execute(),
  );
}

/** Puts taken work off until `dueAt`, where it is still this taker's. */
export async function postponeWork(
  access: Access,
  { id, leasedUntil, dueAt }: Pick<TakenWork, 'id' | 'leasedUntil' | 'dueAt'>,
): Promise<void> {
  await access.writeOne((writer) =>
    writer
      .updateTable('work')
      .set({ due_at: dueAt, lease_until: null })
      .where('id', '=', id)
      .where('lease_until', '=', leasedUntil)
      .execute(),
  );
}

export type TakeOptions = { readonly now: Instant; readonly leaseMs: number; readonly limit: number };

/** Leases what is due in one statement, so that no two callers get the same. */
export async function takeWork(
  access: Access,
  options: TakeOptions & { readonly engine: Engine },
): Promise<readonly TakenWork[]> {
  const leasedUntil = options.now + options.leaseMs;
  const { now, limit } = options;
  const query = reuse(access.db, { name: `take ${limit}`, parameters: [now, now, leasedUntil] }, () =>
    buildTake(access.db, options, leasedUntil),
  );
  const { rows } = await access.writeOne((writer) => writer.executeQuery(query));
  return rows
    .map((row) => ({ ...readWorkRow(row), leasedUntil }))
    .sort((left, right) => left.dueAt - right.dueAt);
}

// What is due is chosen once, before anything is changed: a plan that looked again would lease more than the limit.
function buildTake(db: Database, options: TakeOptions & { readonly engine: Engine }, leasedUntil: Instant) {
  const { now, limit, engine } = options;
  return db
    .with(
      (name) => name('due').materialized(),
      (select) =>
        select
          .selectFrom('work')
          .select('id')
          .where('due_at', '<=', now)
          .where(isKnown)
          .where((is) => is.or([is('lease_until', 'is', null), is('lease_until', '<=', now)]))
          .orderBy('due_at')
          .limit(atMost(limit))
          .$if(engine.skipsLocked, (query) => query.forUpdate().skipLocked()),
    )
    .updateTable('work')
    .set({ lease_until: leasedUntil })
    .where('id', 'in', (select) => select.selectFrom('due').select('due.id'))
    .returningAll();
}

function buildWorkRow(work: Work): Insertable<WorkTable> {
  return {
    id: work.id,
    kind: work.kind,
    request_id: work.requestId,
    grant_id: work.grantId,
    target: work.target,
    due_at: work.dueAt,
    lease_until: null,
    attempts: work.attempts,
    last_error: work.lastError,
  };
}

function readWorkRow(row: Selectable<WorkTable>): Work {
  return {
    id: row.id,
    kind: row.kind as WorkKind,
    requestId: row.request_id,
    grantId: row.grant_id,
    target: row.target,
    dueAt: row.due_at,
    attempts: row.attempts,
    lastError: row.last_error,
  };
}
