import { cutColumns, measureColumns, neutralise, padColumns } from './text.ts';

/** Untrusted text, and how it is painted once it is safe and padded. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

const GAP = '  ';
const NARROWEST_COLUMNS = 8;

/**
 * Rows as aligned lines, every cell neutralised (S12). With `columns`, the widest column is cut until the lines fit,
 * as far as that leaves it readable; without, nothing is cut: for pipes.
 */
export function formatTable(
  rows: readonly (readonly Cell[])[],
  options: { readonly columns?: number } = {},
): readonly string[] {
  const texts = rows.map((row) => row.map((cell) => neutralise(typeof cell === 'string' ? cell : cell.text)));
  const widths = shrink(measure(texts), options.columns ?? Number.POSITIVE_INFINITY);
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

function shrink(widths: readonly number[], columns: number): readonly number[] {
  const narrower = [...widths];
  const gaps = GAP.length * Math.max(0, widths.length - 1);
  let excess = narrower.reduce((sum, width) => sum + width, gaps) - columns;
  while (excess > 0) {
    const widest = narrower.indexOf(Math.max(...narrower));
    const width = narrower[widest] ?? 0;
    if (width <= NARROWEST_COLUMNS) break;
    narrower[widest] = width - 1;
    excess -= 1;
  }
  return narrower;
}
