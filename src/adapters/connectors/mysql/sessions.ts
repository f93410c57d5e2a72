import type { Clock } from '../../../core/ports/clock.ts';
import { readErrorNumber } from './failure.ts';
import { takeLock } from './locks.ts';
import type { AdminSession, Row, Session } from './session.ts';
import { text } from './sql.ts';

const NO_SUCH_THREAD = 1094;
const LOOK_AGAIN_MS = 20;

/**
 * Ends every session of a user and looks again until there is none; the ids of those that there were, each told to one of
 * all who end it at once.
 */
export async function endSessions(session: AdminSession, user: string): Promise<ReadonlySet<number>> {
  const theirs = `USER = ${text(user)}`;
  const seen = new Set<number>();
  const counted = new Set<number>();
  for (;;) {
    const ids = await findSessions(session, theirs);
    if (ids.length === 0) return counted;
    // A session that is already ending stays for as long as its last statement takes to be undone.
    const fresh = ids.filter((id) => !seen.has(id));
    for (const id of await count(session, { ids: fresh, theirs })) counted.add(id);
    for (const id of fresh) await kill(session, id);
    for (const id of fresh) seen.add(id);
    await session.deadline.clock.sleep(LOOK_AGAIN_MS);
  }
}

/** Those that nobody else counts. Whoever did, and is through, has seen them gone: they are looked for once more. */
async function count(
  session: AdminSession,
  { ids, theirs }: { readonly ids: readonly number[]; readonly theirs: string },
): Promise<readonly number[]> {
  const own: number[] = [];
  for (const id of ids) if (await takeLock(session, { what: `session ${id}`, seconds: 0 })) own.push(id);
  if (own.length === 0) return own;
  const there = await findSessions(session, theirs);
  return own.filter((id) => there.includes(id));
}

/** Waits until the server has ended these by itself. */
export async function waitUntilEnded(
  session: Session,
  options: { readonly clock: Clock; readonly ids: readonly number[] },
): Promise<void> {
  const theirs = `ID IN (${options.ids.map(Number).join(', ')})`;
  while ((await findSessions(session, theirs)).length > 0) await options.clock.sleep(LOOK_AGAIN_MS);
}

async function findSessions(session: Session, condition: string): Promise<readonly number[]> {
  const rows = await session.run(`SELECT ID AS id FROM information_schema.PROCESSLIST WHERE ${condition}`);
  return rows.map((row: Row) => Number(row.id)).filter(Number.isSafeInteger);
}

async function kill(session: Session, id: number): Promise<void> {
  await session.run(`KILL CONNECTION ${id}`).catch((error: unknown) => {
    if (readErrorNumber(error) !== NO_SUCH_THREAD) throw error;
  });
}
