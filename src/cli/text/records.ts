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

/** A line for each, whole, for programs and where it fits; on a narrower screen what is only read has a line of its own. */
export function formatRecords(world: Pick<World, 'terminal'>, { headings, records }: RecordList): string {
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
    .flatMap((line, index) => (all[index] === headings ? [line] : [line, ...formatBelow(world, all[index])]))
    .join('\n');
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

/** Without paint, which has no width. */
function readTexts({ cells, below }: ListRecord): readonly string[] {
  return [...cells, ...below].map((cell) => (typeof cell === 'string' ? cell : cell.text));
}
