import { sql } from 'kysely';
import type { AuditEvent } from '../../core/audit/event.ts';
import { fail } from '../../core/errors.ts';
import type { Grant } from '../../core/grant.ts';
import type { Change, Idempotency, Transition, WorkChange } from '../../core/ports/store.ts';
import { type AccessRequest, isRequestSettled } from '../../core/request.ts';
import type { Access } from './access.ts';
import { buildGrantChange, buildGrantRow } from './grant-rows.ts';
import { requireLegal } from './legal.ts';
import {
  buildDecisionRow,
  buildRequestChange,
  buildRequestRow,
  buildReviewRow,
  isNewDecision,
} from './request-rows.ts';
import type { Database } from './schema.ts';
import { removeWork, writeWork } from './work.ts';

/** Thrown inside the transaction to undo all of it; never seen outside. */
const LOST = new Error('lost');

/** Writes a whole transition or nothing of it (the contract is the port's). */
export async function commit(access: Access, transition: Transition): Promise<'committed' | 'lost'> {
  requireLegal(transition);
  try {
    await access.writeAll((writer) => writeTransition(writer, transition));
    return 'committed';
  } catch (error) {
    if (error === LOST) return 'lost';
    const why = `the store refused ${transition.event.kind}: ${error instanceof Error ? error.message : 'unknown'}`;
    throw fail('failed', { why }, error);
  }
}

// What can be lost comes first, so that a loser is done after one statement.
async function writeTransition(writer: Database, transition: Transition): Promise<void> {
  if (transition.request) await writeRequest(writer, transition.request);
  if (transition.grant) await writeGrant(writer, transition.grant);
  if (transition.idempotency) await writeIdempotency(writer, transition.idempotency);
  await writeEvent(writer, transition.event);
  for (const change of transition.work ?? []) await applyWork(writer, change);
}

async function writeRequest(writer: Database, change: Change<AccessRequest>): Promise<void> {
  if ('insert' in change) {
    await insertRequest(writer, change.insert);
    return;
  }
  const { before, after } = change;
  const decidedAnew = isNewDecision(before.decision, after.decision);
  const decision = decidedAnew ? { decision_version: after.decision ? after.version : null } : {};
  const result = await writer
    .updateTable('requests')
    .set({ ...buildRequestChange(after), ...decision })
    .where('id', '=', before.id)
    .where('state', '=', before.state)
    .where('version', '=', before.version)
    .executeTakeFirst();
  requireOne(result.numUpdatedRows);
  if (decidedAnew) await insertDecision(writer, after);
  await insertReviews(writer, after, before.reviews.length);
}

async function insertRequest(writer: Database, request: AccessRequest): Promise<void> {
  const result = await writer
    .insertInto('requests')
    .values(buildRequestRow(request))
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  requireOne(result.numInsertedOrUpdatedRows);
  await requireNotHeld(writer, request);
  await insertDecision(writer, request);
  await insertReviews(writer, request, 0);
}

// After the insert: whoever was claiming the same thing until then has committed, and its grant is seen.
async function requireNotHeld(writer: Database, request: AccessRequest): Promise<void> {
  if (isRequestSettled(request.state) || request.extendsGrantId !== null || request.breakGlass) return;
  const held = await writer
    .selectFrom('grants')
    .select('id')
    .where('held_by', '=', request.requestedBy.subject)
    .where('target', '=', request.target)
    .where('scopes', '=', JSON.stringify(request.scopes))
    .where('state', 'in', ['provisioning', 'active'])
    .limit(1)
    .executeTakeFirst();
  if (held) throw LOST;
}

async function insertDecision(writer: Database, request: AccessRequest): Promise<void> {
  if (!request.decision) return;
  await writer.insertInto('decisions').values(buildDecisionRow(request, request.decision)).execute();
}

async function insertReviews(writer: Database, request: AccessRequest, from: number): Promise<void> {
  const rows = request.reviews
    .map((review, position) => buildReviewRow(request, review, position))
    .slice(from);
  if (rows.length > 0) await writer.insertInto('reviews').values(rows).execute();
}

async function writeGrant(writer: Database, change: Change<Grant>): Promise<void> {
  if ('insert' in change) {
    const inserted = await writer
      .insertInto('grants')
      .values(buildGrantRow(change.insert))
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    requireOne(inserted.numInsertedOrUpdatedRows);
    return;
  }
  const { before, after } = change;
  const updated = await writer
    .updateTable('grants')
    .set({ ...buildGrantChange(after), last_used_at: laterUse(after.lastUsedAt) })
    .where('id', '=', before.id)
    .where('state', '=', before.state)
    .where('version', '=', before.version)
    .executeTakeFirst();
  requireOne(updated.numUpdatedRows);
}

// `recordUse` leaves the version alone, so the row may know of a later use than the caller read.
function laterUse(at: number | null) {
  return sql<
    number | null
  >`case when last_used_at is null or last_used_at < ${at} then ${at} else last_used_at end`;
}

async function writeIdempotency(writer: Database, entry: Idempotency): Promise<void> {
  const { subject, key, fingerprint, requestId } = entry;
  const result = await writer
    .insertInto('idempotency_keys')
    .values({ subject, key, fingerprint, request_id: requestId })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  requireOne(result.numInsertedOrUpdatedRows);
}

async function writeEvent(writer: Database, event: AuditEvent): Promise<void> {
  const { requestId, grantId, detail, ...rest } = event;
  await writer
    .insertInto('audit_events')
    .values({
      ...rest,
      request_id: requestId,
      grant_id: grantId,
      detail: JSON.stringify(detail),
    })
    .execute();
}

async function applyWork(writer: Database, change: WorkChange): Promise<void> {
  if ('queue' in change) await writeWork(writer, change.queue);
  else await removeWork(writer, change.finish);
}

function requireOne(rows: bigint | undefined): void {
  if (rows !== 1n) throw LOST;
}
