import { type Cell, formatTable } from '../core/table.ts';
import { cutColumns, measureColumns, neutralise } from '../core/text.ts';
import type { World } from './world.ts';

/** One thing in a list: what is compared down the columns, and what is only read: ids, reasons. */
export type ListRecord = { readonly cells: readonly Cell[]; readonly below: readonly string[] };

export type RecordList = {
  /** Of the cells and of what is below; none for a list that explains itself. */
  readonly headings?: ListRecord;
  readonly records: readonly ListRecord[];
};

const INDENT = '  ';

/** A line for each, whole, for programs and where it fits; on a narrower screen what is only read has a line of its own. */
export function formatRecords(world: World, { headings, records }: RecordList): string {
  const { hasScreen, columns } = world.terminal;
  const all = [...(headings ? [headings] : []), ...records];
  const whole = formatTable(all.map(({ cells, below }) => [...cells, ...below]));
  const width = Math.max(0, ...formatTable(all.map(readTexts)).map(measureColumns));
  if (!hasScreen || width <= columns) return whole.join('\n');
  const lines = formatTable(
    all.map(({ cells }) => cells),
    { columns },
  );
  return lines
    .flatMap((line, index) => (all[index] === headings ? [line] : [line, formatBelow(world, all[index])]))
    .join('\n');
}

function formatBelow({ terminal }: World, record: ListRecord | undefined): string {
  const text = neutralise((record?.below ?? []).filter((part) => part !== '').join(' · '));
  return `${INDENT}${terminal.paint.dim(cutColumns(text, terminal.columns - INDENT.length))}`;
}

/** Without paint, which has no width. */
function readTexts({ cells, below }: ListRecord): readonly string[] {
  return [...cells, ...below].map((cell) => (typeof cell === 'string' ? cell : cell.text));
}
