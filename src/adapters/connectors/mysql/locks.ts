import { fail } from '../../../core/errors.ts';
import { requireTime } from '../deadline.ts';
import type { AdminSession } from './session.ts';

const MS_PER_SECOND = 1000;

/**
 * One jit at a time works on this user: until the connection is closed, across all processes. Whoever had the turn and is
 * gone keeps it until the server closes their session, which is soon after their deadline.
 */
export async function lockUser(session: AdminSession, user: string): Promise<void> {
  const seconds = Math.ceil(requireTime(session.deadline) / MS_PER_SECOND);
  if (await takeLock(session, { what: user, seconds })) return;
  throw fail('target_failed', { target: session.deadline.target, why: 'it did not finish in time' });
}

/** Takes a lock of jit's until the connection is closed; false where somebody else has it for so long. */
export async function takeLock(
  session: AdminSession,
  { what, seconds }: { readonly what: string; readonly seconds: number },
): Promise<boolean> {
  const [row] = await session.run(`SELECT GET_LOCK('${session.nameLock(what)}', ${seconds}) AS locked`);
  return Number(row?.locked) === 1;
}
