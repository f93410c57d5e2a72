import type { HeldGrant, LocalState } from '../core/ports/local-state.ts';
import { listHeld } from './held.ts';
import type { ClientParts } from './parts.ts';

/** What is held here and was claimed by somebody else than is logged in now: only they can give it back. */
export async function listOthers(
  parts: Pick<ClientParts, 'state' | 'clock' | 'server'>,
): Promise<readonly HeldGrant[]> {
  const state = await parts.state.read();
  return (await listHeld(parts)).filter((held) => isOthers(state, held));
}

/** False also where nobody knows who is logged in. */
export function isOthers(state: Pick<LocalState, 'servers'>, { server, view }: HeldGrant): boolean {
  const name = state.servers[server]?.name ?? '';
  return name !== '' && view.heldBy !== name;
}
