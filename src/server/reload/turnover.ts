import type { Clock } from '../../core/ports/clock.ts';

/** What was current when it was taken, and stays whole until it is released. */
export type Held<T> = { readonly value: T; readonly release: () => void };

/** One thing that everybody uses, and that another can take the place of while they do. */
export type Turnover<T> = {
  readonly current: () => T;
  readonly hold: () => Held<T>;
  /** From now on `next` is held. The one before is retired once nobody holds it, or when patience ends. */
  readonly replace: (next: T, retire: (before: T) => Promise<void>) => void;
  /** Nobody waits any longer: resolves when everything that was replaced is retired. */
  readonly settle: () => Promise<void>;
};

export type TurnoverParts = {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly patienceMs: number;
  readonly onError: (error: unknown) => void;
};

type Place<T> = { readonly value: T; holders: number; readonly left: AbortController; isReplaced: boolean };

export function createTurnover<T>(first: T, parts: TurnoverParts): Turnover<T> {
  const settling = new AbortController();
  const retiring = new Set<Promise<void>>();
  let place = takePlace(first);
  return {
    current: () => place.value,
    hold: () => hold(place),
    replace: (next, retire) => {
      const before = place;
      place = takePlace(next);
      before.isReplaced = true;
      if (before.holders === 0) before.left.abort();
      const over = AbortSignal.any([before.left.signal, settling.signal]);
      const done = parts.clock
        .sleep(parts.patienceMs, over)
        .then(() => retire(before.value))
        .catch(parts.onError)
        .finally(() => retiring.delete(done));
      retiring.add(done);
    },
    settle: async () => {
      settling.abort();
      await Promise.all(retiring);
    },
  };
}

function takePlace<T>(value: T): Place<T> {
  return { value, holders: 0, left: new AbortController(), isReplaced: false };
}

function hold<T>(place: Place<T>): Held<T> {
  let isHeld = true;
  place.holders += 1;
  return {
    value: place.value,
    release: () => {
      if (!isHeld) return;
      isHeld = false;
      place.holders -= 1;
      if (place.isReplaced && place.holders === 0) place.left.abort();
    },
  };
}

/** Does this with what is current, which stays whole meanwhile. */
export async function useHeld<T, R>(
  turnover: Pick<Turnover<T>, 'hold'>,
  action: (value: T) => Promise<R>,
): Promise<R> {
  const held = turnover.hold();
  try {
    return await action(held.value);
  } finally {
    held.release();
  }
}
