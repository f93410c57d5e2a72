import type { HeldGrant } from '../core/ports/local-state.ts';
import { SECOND_MS } from '../core/time.ts';
import type { GrantView } from '../core/view.ts';
import type { ClientParts } from './parts.ts';

/** A command that is over before costs no more than it did: what speaks to the server is loaded for this. */
const FIRST_MS = SECOND_MS;
/** Of a grant's idle time: one beat may be lost, and the next too. */
const BEATS_PER_IDLE_TIME = 3;
const LONGEST_MS = 60 * SECOND_MS;

type Parts = Pick<ClientParts, 'backend' | 'clock' | 'recordsUse'>;

/**
 * Tells the server that the grant is in use: for as long as a command runs with it where it would end otherwise, else
 * once, for whoever asks whether it was used. A beat that fails is the next one's business. Returns how to stop.
 */
export function keepInUse(parts: Parts, { view }: Pick<HeldGrant, 'view'>): () => void {
  const stopping = new AbortController();
  if (view.idleSeconds !== undefined) void beat(parts, view, stopping.signal);
  else if (parts.recordsUse) void tellOnce(parts, view, stopping.signal);
  return () => stopping.abort();
}

async function beat(parts: Parts, { id, idleSeconds = 0 }: GrantView, signal: AbortSignal): Promise<void> {
  const everyMs = findBeatMs(idleSeconds);
  while (!signal.aborted) {
    tell(parts, id);
    await parts.clock.sleep(everyMs, signal);
  }
}

async function tellOnce(parts: Parts, { id }: GrantView, signal: AbortSignal): Promise<void> {
  await parts.clock.sleep(FIRST_MS, signal);
  if (!signal.aborted) tell(parts, id);
}

function tell({ backend }: Parts, id: string): void {
  void backend.reportUse(id).catch(() => undefined);
}

function findBeatMs(idleSeconds: number): number {
  return Math.min(LONGEST_MS, Math.max(SECOND_MS, (idleSeconds * SECOND_MS) / BEATS_PER_IDLE_TIME));
}
