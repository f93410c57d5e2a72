/** Something of this installation that is live at a target and that nobody holds. */
export type FoundStray = {
  readonly target: string;
  readonly handle: string;
  readonly sessions: number;
  /** The ended grant that it was made for, where that is known. */
  readonly grantId: string | null;
  readonly isRemoved: boolean;
};

/** What is live at the targets against what is granted, for whoever runs the server. */
export type ReconcileReport = {
  /** Were strays to be removed, or only to be shown? */
  readonly isApplied: boolean;
  /** How many credentials are live, by target; those that could not be looked at are not here. */
  readonly live: Readonly<Record<string, number>>;
  readonly strays: readonly FoundStray[];
  /** Active grants whose credential is not at their target. */
  readonly missing: readonly { readonly target: string; readonly handle: string; readonly grantId: string }[];
  /** Targets that could not be looked at (`handle` is null), and strays that could not be removed. */
  readonly failures: readonly {
    readonly target: string;
    readonly handle: string | null;
    readonly why: string;
  }[];
};

/** 0 where all is as granted, 7 while something is live that nobody holds, 8 where a target was not looked at. */
export function findReconcileExit({ strays, failures }: ReconcileReport): 0 | 7 | 8 {
  if (failures.some(({ handle }) => handle === null)) return 8;
  return strays.every(({ isRemoved }) => isRemoved) ? 0 : 7;
}
