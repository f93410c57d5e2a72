import { neutralise, padColumns, wrapColumns } from '../../core/text.ts';
import type { World } from '../world.ts';

const LABEL_COLUMNS = 9;
const INDENT = '  ';
const NARROWEST_COLUMNS = 20;

/** `  reason   INC-4211 …`: a label and what people wrote, in lines of the terminal's width; nothing where there is none. */
export function tellField(world: World, label: string, text: string): void {
  if (text === '') return;
  const { terminal } = world;
  const columns = Math.max(NARROWEST_COLUMNS, terminal.columns - INDENT.length - LABEL_COLUMNS);
  const lines = terminal.animated ? wrapColumns(neutralise(text), columns) : [neutralise(text)];
  for (const [index, line] of lines.entries()) {
    const head = padColumns(index === 0 ? label : '', LABEL_COLUMNS);
    terminal.tell(`${INDENT}${terminal.paint.dim(head)}${line}`);
  }
}
