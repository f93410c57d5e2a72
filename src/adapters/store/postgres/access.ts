import type { Access, Write } from '../access.ts';
import type { Database } from '../schema.ts';
import { isWorthAnother } from './failure.ts';

/** Once for a plan that is older than a table, and again for a deadlock with somebody else's. */
const ATTEMPTS = 3;

/** Each write has a connection of its own; the server writes those of the same moment to its disk together. */
export function createAccess(db: Database): Access {
  return {
    db,
    writeAll: (action) => tryAgain(() => db.transaction().execute(action)),
    writeOne: (action) => tryAgain(() => action(db)),
  } satisfies Record<'writeAll' | 'writeOne', Write> & { readonly db: Database };
}

async function tryAgain<T>(action: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await action();
    } catch (error) {
      if (attempt === ATTEMPTS || !isWorthAnother(error)) throw error;
    }
  }
}
