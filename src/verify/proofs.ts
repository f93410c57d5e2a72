import type { Clock } from '../core/ports/clock.ts';
import type { Instant } from '../core/time.ts';

const MOST_REMEMBERED = 100_000;

/** Remembers proofs in this process until they are over. Full, it takes none: forgetting one would let it in twice. */
export function createProofMemory({
  clock,
}: {
  readonly clock: Pick<Clock, 'now'>;
}): (id: string, until: Instant) => Promise<boolean> {
  const remembered = new Map<string, Instant>();
  return async (id, until) => {
    if (remembered.size >= MOST_REMEMBERED) {
      const now = clock.now();
      for (const [old, endsAt] of remembered) if (endsAt <= now) remembered.delete(old);
    }
    if (remembered.has(id) || remembered.size >= MOST_REMEMBERED) return false;
    remembered.set(id, until);
    return true;
  };
}
