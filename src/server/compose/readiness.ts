import type { Clock } from '../../core/ports/clock.ts';
import type { Store } from '../../core/ports/store.ts';
import type { ReadinessCheck } from '../health.ts';
import { OTHER_STORE, type Quarantine } from '../quarantine.ts';

/** What must be so before a server is sent requests; what else there is to look at is one more line here. */
export function listChecks(parts: {
  readonly store: Store;
  readonly quarantine: Pick<Quarantine, 'isReplaced'>;
  readonly options: { readonly clock: Clock };
}): readonly ReadinessCheck[] {
  const { store, quarantine, options } = parts;
  return [
    {
      name: 'store',
      look: async () => store.findPosition().then(() => (quarantine.isReplaced() ? OTHER_STORE : null)),
    },
    { name: 'clock', look: async () => judgeClock(options.clock) },
  ];
}

/** Far from the one that grants go by, nobody knows which clock is wrong, and claims are refused (S10). */
function judgeClock({ readHealth }: Clock): string | null {
  const health = readHealth?.();
  return !health || health.isTrusted ? null : `the host's is ${health.offsetMs} ms off`;
}
