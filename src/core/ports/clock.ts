import type { Instant } from '../time.ts';

/**
 * How the authority's time compares with this host's. Where it is not trusted nobody can say which of the two is wrong,
 * and no new end is promised by either.
 */
export type ClockHealth = { readonly offsetMs: number; readonly isTrusted: boolean };

/**
 * The only source of time. Timers only wake things up: after every wake the caller MUST compare
 * `now` with its absolute deadline again, because timers overflow, ignore suspend and come early (S10).
 */
export interface Clock {
  /** MUST be the authority's time: on the server with a shared database, the database's. */
  now(): Instant;
  /** Milliseconds from an arbitrary start. MUST NOT jump when the wall clock is set (DEV-06). */
  monotonicMs(): number;
  /** MUST resolve within `ms`, earlier is allowed; MUST resolve at once when the signal is aborted, and never reject. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Absent where no clock but this one is known. */
  readHealth?(): ClockHealth;
}
