/** Runs an action when it is its turn under this key. */
export type Turns = <T>(key: string, action: () => Promise<T>) => Promise<T>;

/** At most `most` at a time for each key; the others wait in order. Ten thousand may wait for one. */
export function createTurns(most: number): Turns {
  const places = new Map<string, Place>();
  const take = (key: string): Promise<void> | undefined => {
    const place = places.get(key) ?? { busy: 0, waiting: [], first: 0 };
    places.set(key, place);
    if (place.busy >= most) return new Promise((resume) => place.waiting.push(resume));
    place.busy += 1;
    return undefined;
  };
  const pass = (key: string): void => {
    const place = places.get(key);
    if (!place) return;
    const next = takeFirst(place);
    if (!next) place.busy -= 1;
    if (place.busy === 0) places.delete(key);
    next?.();
  };
  return async (key, action) => {
    await take(key);
    try {
      return await action();
    } finally {
      pass(key);
    }
  };
}

/** Who waits, from `first` on; what is before it is over. */
type Place = { busy: number; waiting: (() => void)[]; first: number };

function takeFirst(place: Place): (() => void) | undefined {
  const next = place.waiting[place.first];
  place.first += 1;
  if (place.first * 2 < place.waiting.length) return next;
  // Now and then, so that each is moved a few times at most.
  place.waiting = place.waiting.slice(place.first);
  place.first = 0;
  return next;
}
