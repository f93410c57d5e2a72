import type { Instant } from '../time.ts';

/** How many there are, and since when the oldest one waits; null where there is none. */
export type Waiting = { readonly count: number; readonly oldestAt: Instant | null };

/** What the store knows of how things stand, cheap enough to be asked every few seconds. */
export type Figures = {
  readonly at: Instant;
  /** Those that are not ended. */
  readonly grants: { readonly provisioning: number; readonly active: number; readonly revoking: number };
  readonly openRequests: { readonly pending: number; readonly approved: number };
  /** Grants that are over and of which it is not proved that nothing is left, since their end was ordered. */
  readonly unconfirmed: Waiting;
  /** Work that is due and not done, by kind. */
  readonly due: Readonly<Record<string, Waiting>>;
  /** Is there only room for what ends, so that nothing new is taken? */
  readonly isShortOfRoom: boolean;
};
