import type { Instant } from './time.ts';

/** What the server's own keys are for: tokens, cookies of browsers, and what is said of the audit log. */
export const KEY_USES = ['signing', 'cookies', 'checkpoint'] as const;
export type KeyUse = (typeof KEY_USES)[number];

/** `next`: published, and signs later. `verifying`: another signs by now. */
export type KeyState = 'next' | 'signing' | 'verifying';

/** One of the server's own keys, for whoever runs the server. */
export type KeyView = {
  readonly id: string;
  readonly use: KeyUse;
  readonly algorithm: string;
  readonly state: KeyState;
  /** Null: with the store, before anybody wrote down when. */
  readonly madeAt: Instant | null;
  readonly signsFrom: Instant;
  /** Null: until another takes its place, or for ever. */
  readonly verifiesUntil: Instant | null;
};

/** What became of an order to rotate. */
export type Rotation = {
  /** Keys that were made. */
  readonly made: readonly KeyView[];
  /** Keys of an earlier rotation that do not sign yet: nothing was made beside them. */
  readonly waiting: readonly KeyView[];
};
