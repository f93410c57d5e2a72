import type { Clock } from '../core/ports/clock.ts';
import type { Instant } from '../core/time.ts';

const MOST_REMEMBERED = 100_000;
/** Whoever has one grant must not fill the memory for all others. */
const MOST_OF_ONE_KEY = 10_000;

/** The proofs of one key, and when the first of them may be forgotten. */
type Shelf = { readonly ends: Map<string, Instant>; firstEndsAt: Instant };

/**
 * Remembers proofs in this process until they are over, by the key in front of their id. Full, it takes none: forgetting one
 * would let it in twice.
 */
export function createProofMemory({
  clock,
}: {
  readonly clock: Pick<Clock, 'now'>;
}): (id: string, until: Instant) => Promise<boolean> {
  const shelves = new Map<string, Shelf>();
  let count = 0;
  const tidy = (key: string, shelf: Shelf): void => {
    count -= forgetOver(shelf, clock.now());
    if (shelf.ends.size === 0) shelves.delete(key);
  };
  return async (id, until) => {
    const key = id.split(' ')[0] ?? '';
    const known = shelves.get(key);
    if (known && known.ends.size >= MOST_OF_ONE_KEY) tidy(key, known);
    if (count >= MOST_REMEMBERED) for (const [other, shelf] of shelves) tidy(other, shelf);
    const shelf = shelves.get(key) ?? { ends: new Map(), firstEndsAt: until };
    if (shelf.ends.has(id) || shelf.ends.size >= MOST_OF_ONE_KEY || count >= MOST_REMEMBERED) return false;
    shelf.ends.set(id, until);
    shelf.firstEndsAt = Math.min(shelf.firstEndsAt, until);
    shelves.set(key, shelf);
    count += 1;
    return true;
  };
}

/** How many were forgotten. Nothing is looked through before one of them is over. */
function forgetOver(shelf: Shelf, now: Instant): number {
  if (now < shelf.firstEndsAt) return 0;
  const before = shelf.ends.size;
  shelf.firstEndsAt = Number.POSITIVE_INFINITY;
  for (const [id, endsAt] of shelf.ends) {
    if (endsAt <= now) shelf.ends.delete(id);
    else shelf.firstEndsAt = Math.min(shelf.firstEndsAt, endsAt);
  }
  return before - shelf.ends.size;
}
