import { neutralise } from '../core/text.ts';

/** Rows as aligned columns, two spaces apart. Untrusted cells are neutralised (S12); the last column may be long. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const safe = rows.map((row) => row.map(neutralise));
  const widths = safe.reduce<number[]>((known, row) => {
    row.forEach((cell, index) => {
      known[index] = Math.max(known[index] ?? 0, [...cell].length);
    });
    return known;
  }, []);
  return safe
    .map((row) =>
      row
        .map((cell, index) => pad(cell, widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - [...cell].length));
}
