import { type CompiledQuery, sql } from 'kysely';
import type { AuditEvent } from '../../../core/audit/event.ts';
import { fail, JitError } from '../../../core/errors.ts';
import type { Grant } from '../../../core/grant.ts';
import type { Change, Idempotency, Transition } from '../../../core/ports/store.ts';
import { needsRoom } from '../../../core/room.ts';
import type { Access } from '../access.ts';
import type { Engine } from '../engine.ts';
import { requireLegal } from '../legal/legal.ts';
import { buildGrantChange, buildGrantRow } from '../rows/grant-rows.ts';
import type { Database } from '../schema.ts';
import { reuse } from '../statements/reuse.ts';
import { listCapSteps } from './caps.ts';
import { LOST } from './lost.ts';
import { listNoticeSteps } from './notices.ts';
import { listRequestSteps } from './request-steps.ts';
import { listSettingSteps } from './settings.ts';
import { ONE_ROW, type Step } from './steps.ts';
import { buildWorkChange } from './work.ts';

/** Writes a whole transition or nothing of it (the contract is the port's). */
export async function commit(
  { access, engine }: { readonly access: Access; readonly engine: Engine },
  transition: Transition,
): Promise<'committed' | 'lost'> {
  requireLegal(transition);
  try {
    const steps = listSteps(access.db, { transition, engine });
    await access.writeSteps(steps, { needsRoom: needsRoom(transition.event) });
    return 'committed';
  } catch (error) {
    if (error === LOST) return 'lost';
    if (error instanceof JitError) throw error;
    const why = `the store refused ${transition.event.kind}: ${error instanceof Error ? error.message : 'unknown'}`;
    throw fail('failed', { why }, error);
  }
}

// What can be lost comes first, so that a loser is done after one statement.
function listSteps(
  db: Database,
  { transition, engine }: { readonly transition: Transition; readonly engine: Engine },
): readonly Step[] {
  const { request, grant, setting, idempotency, event, notices = [], work = [], caps = [] } = transition;
  return [
    ...(request ? listRequestSteps(db, request) : []),
    ...(grant ? [writeGrant(db, grant)] : []),
    ...(setting ? listSettingSteps(db, setting) : []),
    ...(idempotency ? [insertIdempotency(db, idempotency)] : []),
    ...listEventSteps(db, event),
    ...listNoticeSteps(db, notices),
    ...work.map((change) => ({ query: buildWorkChange(db, change) })),
    ...caps.flatMap((cap) => listCapSteps(db, { cap, engine })),
  ];
}

function writeGrant(db: Database, change: Change<Grant>): Step {
  return { query: 'insert' in change ? insertGrant(db, change.insert) : updateGrant(db, change), ...ONE_ROW };
}

function insertGrant(db: Database, grant: Grant): CompiledQuery {
  const row = buildGrantRow(grant);
  return reuse(db, { name: 'new grant', parameters: Object.values(row) }, () =>
    db
      .insertInto('grants')
      .values(row)
      .onConflict((conflict) => conflict.doNothing()),
  );
}

function updateGrant(
  db: Database,
  { before, after }: { readonly before: Grant; readonly after: Grant },
): CompiledQuery {
  const { id, state, version } = before;
  const change = buildGrantChange(after);
  const used = [after.lastUsedAt, after.lastUsedAt];
  const parameters = [...Object.values(change), ...used, id, state, version];
  return reuse(db, { name: 'grant', parameters }, () =>
    db
      .updateTable('grants')
      .set({ ...change, last_used_at: laterUse(after.lastUsedAt) })
      .where('id', '=', id)
      .where('state', '=', state)
      .where('version', '=', version),
  );
}

// `recordUse` leaves the version alone, so the row may know of a later use than the caller read.
function laterUse(at: number | null) {
  return sql<
    number | null
  >`case when last_used_at is null or last_used_at < ${at} then ${at} else last_used_at end`;
}

function insertIdempotency(db: Database, entry: Idempotency): Step {
  const { subject, key, fingerprint, requestId } = entry;
  const row = { subject, key, fingerprint, request_id: requestId };
  const query = reuse(db, { name: 'idempotency', parameters: Object.values(row) }, () =>
    db
      .insertInto('idempotency_keys')
      .values(row)
      .onConflict((conflict) => conflict.doNothing()),
  );
  return { query, ...ONE_ROW };
}

function listEventSteps(db: Database, event: AuditEvent): readonly Step[] {
  const { id, kind, at, actor, requestId, grantId } = event;
  const subject = { request_id: requestId, grant_id: grantId };
  const row = { id, kind, at, actor, ...subject, detail: JSON.stringify(event.detail) };
  const compose = () => db.insertInto('audit_events').values(row);
  const wait = () => db.insertInto('unsealed_events').values({ event_id: id });
  return [
    { query: reuse(db, { name: 'event', parameters: Object.values(row) }, compose) },
    { query: reuse(db, { name: 'unsealed event', parameters: [id] }, wait) },
  ];
}
