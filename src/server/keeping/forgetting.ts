import type { Clock } from '../../core/ports/clock.ts';
import type { ProtocolStore } from '../../core/ports/protocol-store.ts';
import { SECOND_MS } from '../../core/time.ts';

const EVERY_MS = 60 * SECOND_MS;

export type ForgettingParts = {
  readonly protocol: Pick<ProtocolStore, 'removeExpired'>;
  readonly clock: Clock;
  /** Is the store another installation's by now? */
  readonly isOthers: () => boolean;
  readonly onError: (error: unknown) => void;
};

/**
 * At the start and every minute: what has expired of logins goes. In quarantine too, since nobody has access by it, and
 * people log in meanwhile.
 */
export function startForgetting(parts: ForgettingParts): { readonly stop: () => Promise<void> } {
  const stopping = new AbortController();
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await forget(parts).catch(parts.onError);
      await parts.clock.sleep(EVERY_MS, stopping.signal);
    }
  };
  const running = run();
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

async function forget({ protocol, clock, isOthers }: ForgettingParts): Promise<void> {
  if (!isOthers()) await protocol.removeExpired(clock.now());
}
