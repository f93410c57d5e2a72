import { cutColumns, measureColumns, neutralise, padColumns } from './text.ts';

/** Untrusted text, and how it is painted once it is safe and padded. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

export type Fitting = {
  readonly columns?: number;
  /** The columns that nobody needs whole. */
  readonly prose?: readonly number[];
};

const GAP = '  ';
const NARROWEST_COLUMNS = 8;

/**
 * Rows as aligned lines, every cell neutralised (S12). With `columns`, the widest column is cut until the lines fit,
 * as far as that leaves it readable, and only of `prose` where that is named; without, nothing is cut: for pipes.
 */
export function formatTable(rows: readonly (readonly Cell[])[], options: Fitting = {}): readonly string[] {
  const texts = rows.map((row) => row.map((cell) => neutralise(typeof cell === 'string' ? cell : cell.text)));
  const widths = shrink(measure(texts), options);
  return texts.map((row, index) => formatRow(row, { widths, cells: rows[index] ?? [] }));
}

function formatRow(
  row: readonly string[],
  look: { readonly widths: readonly number[]; readonly cells: readonly Cell[] },
): string {
  const parts = row.map((text, column) => {
    const width = look.widths[column] ?? 0;
    const cut = cutColumns(text, width);
    const padded = column === row.length - 1 ? cut : padColumns(cut, width);
    const cell = look.cells[column];
    return typeof cell === 'object' ? cell.paint(padded) : padded;
  });
  return parts.join(GAP).trimEnd();
}

function measure(rows: readonly (readonly string[])[]): readonly number[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: count }, (_, column) =>
    Math.max(0, ...rows.map((row) => measureColumns(row[column] ?? ''))),
  );
}

function shrink(
  widths: readonly number[],
  { columns = Number.POSITIVE_INFINITY, prose = [...widths.keys()] }: Fitting,
): readonly number[] {
  const narrower = [...widths];
  const gaps = GAP.length * Math.max(0, widths.length - 1);
  let excess = narrower.reduce((sum, width) => sum + width, gaps) - columns;
  while (excess > 0) {
    const width = Math.max(0, ...prose.map((column) => narrower[column] ?? 0));
    const widest = prose.find((column) => narrower[column] === width);
    if (widest === undefined || width <= NARROWEST_COLUMNS) break;
    narrower[widest] = width - 1;
    excess -= 1;
  }
  return narrower;
}
