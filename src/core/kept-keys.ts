import { type Instant, SECOND_MS } from './time.ts';

/** A key that is not known makes the keys be fetched, at most so often (TOK-02), whether that succeeds or not. */
export const KEYS_COOLDOWN_SECONDS = 30;
/** While there are none to go by, somebody waits: they are tried again so soon. */
export const KEYS_RETRY_SECONDS = 1;
/** So old, they are fetched again: a key that its issuer took back is not believed for ever. */
export const KEYS_KEPT_SECONDS = 3_600;
/** An issuer that is away for longer is not believed any more. */
export const KEYS_LONGEST_SECONDS = 86_400;

/** The published keys of one issuer, as far as they are known, and how the last try to read them went. */
export type KeptKeys<T> = {
  readonly known: { readonly keys: T; readonly readAt: Instant } | undefined;
  readonly triedAt: Instant;
  /** Why the last try failed; undefined where it did not. */
  readonly failure: unknown;
};

/** The keys, or why there are none to go by. */
export type FoundKeys<T> = { readonly keys: T } | { readonly failure: unknown };

/** Before the first try. */
export const NO_KEYS: KeptKeys<never> = {
  known: undefined,
  triedAt: Number.NEGATIVE_INFINITY,
  failure: undefined,
};

/** After a try that began at `triedAt`: a failed one leaves what is known. */
export function noteTry<T>(
  kept: KeptKeys<T>,
  { triedAt, found }: { readonly triedAt: Instant; readonly found: FoundKeys<T> },
): KeptKeys<T> {
  if ('failure' in found) return { known: kept.known, triedAt, failure: found.failure };
  return { known: { keys: found.keys, readAt: triedAt }, triedAt, failure: undefined };
}

/** For a key that they may have, or for one that is not among them. */
export type KeysNeed = { readonly now: Instant; readonly isUnknown: boolean };

/** Is a fetch waited for, where one is under way? Who has keys to go by does not wait because of a stranger's. */
export function isFetchWanted({ known }: KeptKeys<unknown>, { now, isUnknown }: KeysNeed): boolean {
  return isUnknown || !known || isPast(known.readAt, { now, seconds: KEYS_KEPT_SECONDS });
}

/** Where it is wanted: may it be begun now? */
export function isFetchDue({ known, triedAt }: KeptKeys<unknown>, now: Instant): boolean {
  const isBelieved = known && !isPast(known.readAt, { now, seconds: KEYS_LONGEST_SECONDS });
  return isPast(triedAt, { now, seconds: isBelieved ? KEYS_COOLDOWN_SECONDS : KEYS_RETRY_SECONDS });
}

/** What to go by; while an issuer is away that is what it said last, for a day. Throws what the last try failed with. */
export function requireKeys<T>({ known, failure }: KeptKeys<T>, now: Instant): T {
  if (known && !isPast(known.readAt, { now, seconds: KEYS_LONGEST_SECONDS })) return known.keys;
  throw failure;
}

function isPast(at: Instant, { now, seconds }: { readonly now: Instant; readonly seconds: number }): boolean {
  return now - at >= seconds * SECOND_MS;
}
