import { fail } from '../../core/errors.ts';

/** Bounds how much of one thing goes on at once, for each person and in all. */
export type Seats = {
  /** Returns how to leave. Throws `too_many` when there is no room. */
  readonly take: (subject: string) => () => void;
};

const TRY_AGAIN_SECONDS = 10;

export function createSeats(limits: {
  /** What is seated, for people: `event streams`. */
  readonly what: string;
  readonly mostPerPerson: number;
  readonly mostInAll: number;
}): Seats {
  const taken = new Map<string, number>();
  let total = 0;
  return {
    take: (subject) => {
      const own = taken.get(subject) ?? 0;
      if (own >= limits.mostPerPerson || total >= limits.mostInAll)
        throw fail('too_many', { what: limits.what, afterSeconds: TRY_AGAIN_SECONDS });
      taken.set(subject, own + 1);
      total += 1;
      let isSeated = true;
      return () => {
        if (!isSeated) return;
        isSeated = false;
        total -= 1;
        const left = (taken.get(subject) ?? 1) - 1;
        if (left > 0) taken.set(subject, left);
        else taken.delete(subject);
      };
    },
  };
}
