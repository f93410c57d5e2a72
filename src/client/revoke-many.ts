import { JitError } from '../core/errors.ts';
import type { RevokedView, Selection } from '../core/view.ts';
import { drop } from './held.ts';
import type { ClientParts } from './parts.ts';

/** Takes everything of a person, at a target, or of everybody away. Copies of it that are here go as well. */
export async function revokeMany(
  parts: Pick<ClientParts, 'backend' | 'state' | 'keychain' | 'server'>,
  selection: Selection,
): Promise<RevokedView> {
  const revoked = await parts.backend.revokeMany(selection);
  const ids = new Set(revoked.grants.map((grant) => grant.id));
  const { grants } = await parts.state.read();
  const here = grants.filter((held) => held.server === parts.server && ids.has(held.view.id));
  for (const held of here) {
    // Worthless now: what cannot be removed at this moment is removed by a later call.
    await drop(parts, { ...held, id: held.view.id }).catch((error: unknown) => {
      if (!(error instanceof JitError)) throw error;
    });
  }
  return revoked;
}
