import type { HeldGrant } from '../core/ports/local-state.ts';
import { SECOND_MS } from '../core/time.ts';
import type { ClientParts } from './parts.ts';

/** Of a grant's idle time: one beat may be lost, and the next too. */
const BEATS_PER_IDLE_TIME = 3;
const LONGEST_MS = 60 * SECOND_MS;

/**
 * Tells the server that the grant is in use, for as long as a command runs with it, where it would end otherwise. A beat
 * that fails is the next one's business. Returns how to stop.
 */
export function keepInUse(
  parts: Pick<ClientParts, 'backend' | 'clock'>,
  { view }: Pick<HeldGrant, 'view'>,
): () => void {
  const stopping = new AbortController();
  if (view.idleSeconds === undefined) return () => {};
  const everyMs = findBeatMs(view.idleSeconds);
  const beat = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      void parts.backend.reportUse(view.id).catch(() => undefined);
      await parts.clock.sleep(everyMs, stopping.signal);
    }
  };
  void beat();
  return () => stopping.abort();
}

function findBeatMs(idleSeconds: number): number {
  return Math.min(LONGEST_MS, Math.max(SECOND_MS, (idleSeconds * SECOND_MS) / BEATS_PER_IDLE_TIME));
}
