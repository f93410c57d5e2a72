import type { KeyState } from '../../core/server-keys.ts';
import type { Instant } from '../../core/time.ts';

/** When a key does what. The newest whose time has come signs; the others only verify. */
export type RingKey = {
  readonly id: string;
  /** Null where it was made before anybody wrote that down. */
  readonly madeAt: Instant | null;
  readonly signsFrom: Instant;
  /** Null: nothing has taken its place, or it verifies for ever. */
  readonly verifiesUntil: Instant | null;
};

/** Of two that could, the one that could first: what was written down last is never what signs by accident. */
export function findSigning<K extends RingKey>(ring: readonly K[], now: Instant): K | undefined {
  const started = ring.filter(({ signsFrom }) => signsFrom <= now);
  return (started.length > 0 ? started : ring.slice(0, 1)).reduce<K | undefined>(
    (best, key) => (best === undefined || key.signsFrom > best.signsFrom ? key : best),
    undefined,
  );
}

/** Undefined for one that is over: nobody may trust it any more. */
export function findState<K extends RingKey>(ring: readonly K[], key: K, now: Instant): KeyState | undefined {
  if (findSigning(ring, now) === key) return 'signing';
  if (key.signsFrom > now) return 'next';
  return key.verifiesUntil !== null && now >= key.verifiesUntil ? undefined : 'verifying';
}

/** Those that are trusted, the one that signs first. */
export function listTrusted<K extends RingKey>(ring: readonly K[], now: Instant): readonly K[] {
  const signing = findSigning(ring, now);
  const others = ring.filter((key) => key !== signing && findState(ring, key, now) !== undefined);
  return signing ? [signing, ...others] : others;
}

/** When what signs or is trusted may be something else than now; infinite where nothing is to come. */
export function findNextTurn<K extends RingKey>(ring: readonly K[], now: Instant): Instant {
  const turns = ring.flatMap(({ signsFrom, verifiesUntil }) => [signsFrom, verifiesUntil ?? signsFrom]);
  return Math.min(...turns.filter((at) => at > now));
}

export type Turn<K> = {
  readonly next: K;
  readonly now: Instant;
  /** How long what the key before signed is good for after that; null: for ever. */
  readonly keptMs: number | null;
};

/** The ring with a key that will sign; what is over is dropped, and what signs until then is given its end. */
export function turnOver<K extends RingKey>(
  ring: readonly K[],
  { next, now, keptMs }: Turn<K>,
): readonly K[] {
  const endsAt = keptMs === null ? null : next.signsFrom + keptMs;
  return [
    ...listTrusted(ring, now).map((key) =>
      key.verifiesUntil === null ? { ...key, verifiesUntil: endsAt } : key,
    ),
    next,
  ];
}
