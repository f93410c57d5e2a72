import type { Result } from './measure.ts';

const HEADINGS = ['command', 'ms', '× node', 'budget', 'MiB', 'budget', ''] as const;

/** The table, and whether everything that has a budget keeps to it. */
export function formatResults(results: readonly Result[]): {
  readonly text: string;
  readonly withinBudget: boolean;
} {
  const rows = [HEADINGS, ...results.map(formatRow)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  const text = [`Node ${process.version}, ${process.platform} ${process.arch}`, ...lines].join('\n');
  return { text, withinBudget: results.every((result) => describeExcess(result) === '') };
}

function formatRow(result: Result): readonly string[] {
  const { command, medianMs, ratio, peakMebibytes } = result;
  return [
    command.name,
    medianMs.toFixed(1),
    ratio.toFixed(2),
    command.budget ? command.budget.ratio.toFixed(1) : '',
    peakMebibytes.toFixed(0),
    command.budget ? String(command.budget.mebibytes) : '',
    describeExcess(result),
  ];
}

/** Which of its budgets a command does not keep to; empty when it keeps to both. */
function describeExcess({ command, ratio, peakMebibytes }: Result): string {
  const { budget } = command;
  if (budget === null) return '';
  const excess = [
    ...(ratio > budget.ratio ? ['too slow'] : []),
    ...(peakMebibytes > budget.mebibytes ? ['too large'] : []),
  ];
  return excess.join(', ');
}
