import type { AttemptRecord } from '../../../core/ports/store.ts';
import type { Access } from '../access.ts';
import type { Database } from '../schema.ts';
import { ONE_ROW, type Step } from './steps.ts';
import { buildTakenChange } from './work.ts';
import { isWritten } from './write-or-lose.ts';

/** A try in vain, by who has its work, of the grant as it was read: it stays the same, but for what is said of it. */
export async function recordAttempt(access: Access, record: AttemptRecord): Promise<'recorded' | 'lost'> {
  return (await isWritten(access, listSteps(access.db, record))) ? 'recorded' : 'lost';
}

function listSteps(db: Database, { grant, taken, again }: AttemptRecord): readonly Step[] {
  const query = db
    .updateTable('grants')
    .set({ revocation: JSON.stringify(grant.revocation) })
    .where('id', '=', grant.id)
    .where('state', '=', 'revoking')
    .where('version', '=', grant.version)
    .compile();
  return [
    { query: buildTakenChange(db, taken, again), ...ONE_ROW },
    { query, ...ONE_ROW },
  ];
}
