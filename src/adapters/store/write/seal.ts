import { sql } from 'kysely';
import type { Access } from '../access.ts';
import type { Engine } from '../engine.ts';
import { atMost, findRow } from '../statements/reuse.ts';

/**
 * Gives every event that is committed by now its place in the log, after those that have one. Sealing is done by one at
 * a time, so that places become visible in their order: a reader who has seen one never finds a smaller one afterwards.
 */
export async function sealEvents(access: Access, engine: Engine): Promise<void> {
  const { db } = access;
  const waiting = await findRow(db, { name: 'any unsealed event', parameters: [] }, () =>
    db.selectFrom('unsealed_events').select('entered').limit(atMost(1)),
  );
  if (!waiting) return;
  await access.writeAll(async (writer) => {
    for (const statement of engine.sealing) await sql.raw(statement).execute(writer);
  });
}
