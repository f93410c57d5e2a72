import { type Cell, formatTable } from '../../core/table.ts';
import { cutColumns, measureColumns, neutralise } from '../../core/text.ts';
import type { World } from '../world.ts';

/** One thing in a list: what is compared down the columns, and what is only read: ids, reasons. */
export type ListRecord = { readonly cells: readonly Cell[]; readonly below: readonly string[] };

export type RecordList = {
  /** Of the cells and of what is below; none for a list that explains itself. */
  readonly headings?: ListRecord;
  readonly records: readonly ListRecord[];
};

const INDENT = '  ';
const FEWEST_CELLS = 2;

/**
 * A line for each, whole, for programs and where it fits; on a narrower screen what is only read has a line of its own,
 * and so have the last of the cells, each with its heading, before any is cut.
 */
export function formatRecords(world: Pick<World, 'terminal'>, { headings, records }: RecordList): string {
  const { hasScreen, columns } = world.terminal;
  const all = [...(headings ? [headings] : []), ...records];
  const whole = formatTable(all.map(({ cells, below }) => [...cells, ...below]));
  if (!hasScreen || measure(all, { count: Number.POSITIVE_INFINITY, isWhole: true }) <= columns)
    return whole.join('\n');
  let count = Math.max(0, ...all.map(({ cells }) => cells.length));
  while (count > FEWEST_CELLS && measure(all, { count, isWhole: false }) > columns) count -= 1;
  const shown = all.map((record) => moveBelow(record, { count, headings }));
  const lines = formatTable(
    shown.map(({ cells }) => cells),
    { columns },
  );
  return lines
    .flatMap((line, index) =>
      all[index] === headings ? [line] : [line, ...formatBelow(world, shown[index])],
    )
    .join('\n');
}

/** Without paint, which has no width. */
function measure(
  records: readonly ListRecord[],
  { count, isWhole }: { readonly count: number; readonly isWhole: boolean },
): number {
  const rows = records.map(({ cells, below }) => [...cells.slice(0, count), ...(isWhole ? below : [])]);
  return Math.max(0, ...formatTable(rows.map((row) => row.map(readText))).map(measureColumns));
}

type Moving = { readonly count: number; readonly headings: ListRecord | undefined };

function moveBelow({ cells, below }: ListRecord, { count, headings }: Moving): ListRecord {
  const moved = cells.slice(count).map((cell, index) => {
    const heading = headings?.cells[count + index];
    return heading === undefined ? readText(cell) : `${readText(heading).toLowerCase()} ${readText(cell)}`;
  });
  return { cells: cells.slice(0, count), below: moved.length > 0 ? [moved.join(' · '), ...below] : below };
}

/** Together where that fits, else a line for each, so that no id is cut for the sake of a reason. */
function formatBelow(
  { terminal }: Pick<World, 'terminal'>,
  record: ListRecord | undefined,
): readonly string[] {
  const columns = terminal.columns - INDENT.length;
  const parts = (record?.below ?? []).filter((part) => part !== '').map(neutralise);
  const together = parts.join(' · ');
  const lines = measureColumns(together) <= columns ? [together] : parts;
  return lines.map((line) => `${INDENT}${terminal.paint.dim(cutColumns(line, columns))}`);
}

function readText(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}
