import type { Instant } from '../../../core/time.ts';
import type { Access } from '../access.ts';
import { atMost } from '../statements/reuse.ts';

/** Rows in one statement, which takes milliseconds then: a database gives none as long as an hour's backlog would need. */
const AT_ONCE = 500;
const BEFORE_ALL: Instant = Number.MIN_SAFE_INTEGER;

/**
 * Removes every entry that has expired by now, some at a time, the oldest first. What is changed meanwhile so that it
 * lives on stays. Resolves with how many there were.
 */
export async function removeExpired(access: Pick<Access, 'db' | 'writeOne'>, now: Instant): Promise<number> {
  let removed = 0;
  let after = BEFORE_ALL;
  while (after < now) {
    const last = await findLast(access, { after, now });
    removed += await removeBetween(access, { after, last });
    after = last;
  }
  return removed;
}

/** When the last of the next few expired; all of one moment go together. */
async function findLast(
  { db }: Pick<Access, 'db'>,
  { after, now }: { readonly after: Instant; readonly now: Instant },
): Promise<Instant> {
  const row = await db
    .selectFrom('protocol_entries')
    .select('expires_at')
    .where('expires_at', '>', after)
    .where('expires_at', '<=', now)
    .orderBy('expires_at')
    .offset(atMost(AT_ONCE - 1))
    .limit(atMost(1))
    .executeTakeFirst();
  return row?.expires_at ?? now;
}

// Not from the first again: until the database has tidied up it would walk over all that was removed before.
async function removeBetween(
  { writeOne }: Pick<Access, 'writeOne'>,
  { after, last }: { readonly after: Instant; readonly last: Instant },
): Promise<number> {
  const result = await writeOne((writer) =>
    writer
      .deleteFrom('protocol_entries')
      .where('expires_at', '>', after)
      .where('expires_at', '<=', last)
      .executeTakeFirst(),
  );
  return Number(result.numDeletedRows);
}
