/** The few things in which the database engines differ; everything else is one SQL for all of them. */
export type Engine = {
  /** The type of a primary key that numbers rows in the order in which they were written. */
  readonly sequenceColumn: string;
  /** May one transaction step over rows that another one is holding? */
  readonly skipsLocked: boolean;
};

export const SQLITE: Engine = {
  sequenceColumn: 'integer primary key autoincrement',
  skipsLocked: false,
};
