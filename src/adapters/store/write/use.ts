import type { Instant } from '../../../core/time.ts';
import type { Access } from '../access.ts';

/** Only ever forward: of several uses that arrive in any order, the last one counts. */
export async function recordUse(
  access: Access,
  use: { readonly grantId: string; readonly at: Instant },
): Promise<void> {
  await access.writeOne((writer) =>
    writer
      .updateTable('grants')
      .set({ last_used_at: use.at })
      .where('id', '=', use.grantId)
      .where((is) => is.or([is('last_used_at', 'is', null), is('last_used_at', '<', use.at)]))
      .execute(),
  );
}
