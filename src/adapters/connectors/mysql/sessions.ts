import type { Clock } from '../../../core/ports/clock.ts';
import { readErrorNumber } from './failure.ts';
import type { Row, Session } from './session.ts';
import { text } from './sql.ts';

const NO_SUCH_THREAD = 1094;
const LOOK_AGAIN_MS = 20;

/** Ends every session of a user and looks again until there is none; the ids of those that there were. */
export async function endSessions(
  session: Session,
  options: { readonly clock: Clock; readonly user: string },
): Promise<ReadonlySet<number>> {
  const ended = new Set<number>();
  for (;;) {
    const ids = await findSessions(session, `USER = ${text(options.user)}`);
    if (ids.length === 0) return ended;
    for (const id of ids) {
      // A session that is already ending stays for as long as its last statement takes to be undone.
      if (!ended.has(id)) await kill(session, id);
      ended.add(id);
    }
    await options.clock.sleep(LOOK_AGAIN_MS);
  }
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
