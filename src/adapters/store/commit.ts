import { sql } from 'kysely';
import type { AuditEvent } from '../../core/audit/event.ts';
import { fail, JitError } from '../../core/errors.ts';
import type { Grant } from '../../core/grant.ts';
import type { Change, Idempotency, Transition } from '../../core/ports/store.ts';
import type { Access } from './access.ts';
import { requireRoom } from './caps.ts';
import type { Engine } from './engine.ts';
import { buildGrantChange, buildGrantRow } from './grant-rows.ts';
import { requireLegal } from './legal.ts';
import { LOST, requireOne } from './lost.ts';
import { writeNotices } from './notices.ts';
import { type Writing, writeRequest } from './request-writes.ts';
import type { Database } from './schema.ts';
import { applyWork } from './work.ts';

/** Writes a whole transition or nothing of it (the contract is the port's). */
export async function commit(
  { access, engine }: { readonly access: Access; readonly engine: Engine },
  transition: Transition,
): Promise<'committed' | 'lost'> {
  requireLegal(transition);
  try {
    await access.writeAll((writer) => writeTransition({ writer, engine }, transition));
    return 'committed';
  } catch (error) {
    if (error === LOST) return 'lost';
    if (error instanceof JitError) throw error;
    const why = `the store refused ${transition.event.kind}: ${error instanceof Error ? error.message : 'unknown'}`;
    throw fail('failed', { why }, error);
  }
}

// What can be lost comes first, so that a loser is done after one statement.
async function writeTransition(writing: Writing, transition: Transition): Promise<void> {
  const { writer } = writing;
  if (transition.request) await writeRequest(writing, transition.request);
  if (transition.grant) await writeGrant(writer, transition.grant);
  if (transition.idempotency) await writeIdempotency(writer, transition.idempotency);
  await writeEvent(writer, transition.event);
  await writeNotices(writer, transition.notices ?? []);
  for (const change of transition.work ?? []) await applyWork(writer, change);
  for (const cap of transition.caps ?? []) await requireRoom(writing, cap);
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
  await writer.insertInto('unsealed_events').values({ event_id: event.id }).execute();
}
