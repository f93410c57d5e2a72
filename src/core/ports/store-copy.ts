export type Cell = string | number | null;

/** What is told of a copy before its rows. */
export type CopyHead = {
  /** The migrations that its tables have seen, in order. */
  readonly migrations: readonly string[];
  readonly installation: string | null;
};

/** A row, and what its cells are. `columns` is the same list for all rows of a table. */
export type CopiedRow = {
  readonly table: string;
  readonly columns: readonly string[];
  readonly cells: readonly Cell[];
};

export type StoreCopy = { readonly head: CopyHead; readonly rows: AsyncIterable<CopiedRow> };
