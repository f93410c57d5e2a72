import type { Instant } from './time.ts';

/** What was copied, for whoever runs the server. */
export type BackupReport = {
  readonly path: string;
  readonly takenAt: Instant;
  /** By table. */
  readonly rows: Readonly<Record<string, number>>;
};

/** What was brought back. The store is in quarantine now. */
export type RestoreReport = {
  /** What the store is called, without a password. */
  readonly store: string;
  /** When the copy was made, as it says. */
  readonly takenAt: string;
  readonly rows: Readonly<Record<string, number>>;
};

/** The store is in quarantine now, though no backup was restored into it. */
export type QuarantineReport = Pick<RestoreReport, 'store' | 'takenAt'>;

/** The quarantine is lifted; what the targets and the store differed in at that moment. */
export type ConfirmReport = {
  readonly takenAt: string;
  readonly differences: Differences;
};

export type Differences = {
  /** Live at a target, and held by nobody. */
  readonly strays: number;
  /** Held by somebody, and not at its target. */
  readonly missing: number;
  /** Targets that could not be looked at. */
  readonly unseen: number;
};

export type MigrateReport = {
  readonly store: string;
  /** Names of what was applied; none where nothing was to do. */
  readonly applied: readonly string[];
};
