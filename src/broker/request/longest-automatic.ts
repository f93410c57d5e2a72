import { MINUTE_SECONDS } from '../../core/time.ts';

/** What may be asked for: at least the one, which is granted at once, and at most the other. */
export type Lengths = { readonly defaultSeconds: number; readonly maxSeconds: number };

/**
 * Up to how long policy grants at once, to the minute, where it does not for as long as the catalogue allows; else
 * undefined. Takes it that what is granted for longer is granted for less: it is what people are told beforehand, and each
 * request is decided for itself.
 */
export function findLongestAutomatic(
  isAutomatic: (durationSeconds: number) => boolean,
  { defaultSeconds, maxSeconds }: Lengths,
): number | undefined {
  if (isAutomatic(maxSeconds)) return undefined;
  let granted = defaultSeconds;
  let refused = maxSeconds;
  for (;;) {
    const middle = Math.floor((granted + refused) / 2 / MINUTE_SECONDS) * MINUTE_SECONDS;
    if (middle <= granted) return granted;
    if (isAutomatic(middle)) granted = middle;
    else refused = middle;
  }
}
