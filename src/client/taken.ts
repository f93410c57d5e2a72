import type { HeldGrant } from '../core/ports/local-state.ts';
import { SECOND_MS } from '../core/time.ts';
import type { GrantView } from '../core/view.ts';
import type { ClientParts } from './parts.ts';

/** A command that ended must not wait for long to hear why: whoever runs it wants to go on. */
const ASKING_MS = SECOND_MS;
const TAKING = ['idle', 'violation', 'left'];

/** Was it taken from its holder, who hears of that nowhere else? */
export function wasTaken({ endedBy, endedBecause }: GrantView): boolean {
  return endedBy !== undefined || (endedBecause !== null && TAKING.includes(endedBecause));
}

/**
 * The grant that a command ran with, where it is over by now, not because its time is; undefined where it is not, or
 * where the server does not say so within a second.
 */
export async function readEnded(
  parts: Pick<ClientParts, 'backend' | 'clock'>,
  { view }: Pick<HeldGrant, 'view'>,
): Promise<GrantView | undefined> {
  const over = new AbortController();
  const asking = parts.backend.readGrant(view.id).catch(() => undefined);
  const waiting = parts.clock.sleep(ASKING_MS, over.signal).then(() => undefined);
  const grant = await Promise.race([asking, waiting]).finally(() => over.abort());
  if (grant?.state !== 'revoking' && grant?.state !== 'ended') return undefined;
  return grant.endedBecause === 'expired' ? undefined : grant;
}
