import type { Broker } from '../broker/parts.ts';
import { reconcile, type Stray } from '../broker/reconcile.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { ProtocolStore } from '../core/ports/protocol-store.ts';
import { SECOND_MS } from '../core/time.ts';

const EVERY_MS = 60 * SECOND_MS;

export type HousekeepingParts = {
  readonly broker: Broker;
  readonly protocol: ProtocolStore;
  readonly clock: Clock;
  /** Told of every credential that was found without a grant, and removed. */
  readonly onStray: (stray: Stray) => void;
  readonly onError: (error: unknown) => void;
};

/** At the start and every minute: what is live at the targets against what is granted, and what the provider may forget. */
export function startHousekeeping(parts: HousekeepingParts): { readonly stop: () => Promise<void> } {
  const stopping = new AbortController();
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await tidy(parts).catch(parts.onError);
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

async function tidy(parts: HousekeepingParts): Promise<void> {
  const { strays, failures } = await reconcile(parts.broker);
  for (const stray of strays) parts.onStray(stray);
  for (const failure of failures) parts.onError(failure);
  await parts.protocol.removeExpired(parts.clock.now());
}
