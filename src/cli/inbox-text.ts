import { formatDuration } from '../core/duration-text.ts';
import { type Cell, formatTable } from '../core/table.ts';
import { cutColumns, neutralise } from '../core/text.ts';
import { SECOND_MS } from '../core/time.ts';
import type { InboxView, RequestView } from '../core/view.ts';
import { formatRows } from './output.ts';
import type { World } from './world.ts';

/** Ids differ in their last characters: so many of them are shown where a person reads, and can be typed. */
const ENDING_CHARACTERS = 6;
const MANY_CHARACTERS = 26;

/** The inbox as lines: what waits, oldest first, and below it the break-glass that is to be looked at. */
export function formatInbox(world: World, inbox: InboxView): string {
  const { requests, afterwards } = inbox;
  if (requests.length === 0 && afterwards.length === 0) return 'nothing waits for you';
  const all = [...requests, ...afterwards];
  const shorten = createShortener(world, all);
  const waiting = requests.map((request) => buildRow(world, request, shorten));
  const later = afterwards.map((request) => buildLaterRow(world, request, shorten));
  const parts = [
    formatWithReasons(world, requests, [HEADINGS, ...waiting]),
    formatWithReasons(world, afterwards, [LATER_HEADINGS, ...later]),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

const HEADINGS = ['REQUEST', 'WHO', 'TARGET', 'SCOPES', 'FOR', 'GIVEN', 'LAPSES IN'];
const LATER_HEADINGS = ['BREAK-GLASS', 'WHO', 'TARGET', 'SCOPES', 'REVIEW'];
const INDENT = '  ';

/** The reason has a line of its own where a person reads, and is the last column of one line for programs. */
function formatWithReasons(
  world: World,
  requests: readonly RequestView[],
  rows: readonly (readonly Cell[])[],
): string {
  if (requests.length === 0) return '';
  const { hasScreen, columns, paint } = world.terminal;
  const reasons = ['REASON', ...requests.map((request) => request.reason)];
  if (!hasScreen)
    return formatRows(
      world,
      rows.map((row, index) => [...row, reasons[index] ?? '']),
    );
  const [heading = '', ...lines] = formatTable(rows, { columns });
  const width = columns - INDENT.length;
  const below = reasons
    .slice(1)
    .map((reason) => `${INDENT}${paint.dim(cutColumns(neutralise(reason), width))}`);
  return [heading, ...lines.flatMap((line, index) => [line, below[index] ?? ''])].join('\n');
}

type Shorten = (id: string) => string;

function buildRow(world: World, request: RequestView, shorten: Shorten): readonly Cell[] {
  const { approvals } = request;
  return [
    { text: shorten(request.id), paint: world.terminal.paint.accent },
    request.requestedBy,
    request.target,
    request.scopes.join(' '),
    formatDuration(request.durationSeconds),
    `${approvals.given} of ${Math.max(1, approvals.needed)}`,
    describeLeft(world, request.lapsesAt),
  ];
}

function buildLaterRow(world: World, request: RequestView, shorten: Shorten): readonly Cell[] {
  const { paint } = world.terminal;
  const { afterwards } = request;
  const isOverdue = afterwards?.state === 'overdue';
  const due = isOverdue ? 'OVERDUE' : `due in ${describeLeft(world, afterwards?.dueAt ?? 0)}`;
  return [
    { text: shorten(request.id), paint: paint.accent },
    request.requestedBy,
    request.target,
    request.scopes.join(' '),
    { text: due, paint: isOverdue ? paint.bad : paint.warn },
  ];
}

function describeLeft(world: World, at: number): string {
  const seconds = Math.max(0, (at - world.clock.now()) / SECOND_MS);
  return formatDuration(seconds > 120 ? Math.round(seconds / 60) * 60 : seconds);
}

/** Whole for programs; for people as much of the end as tells them apart. */
function createShortener(world: World, requests: readonly RequestView[]): Shorten {
  if (!world.terminal.hasScreen) return (id) => id;
  const length = findLength(requests.map((request) => request.id));
  return (id) => id.slice(-length);
}

function findLength(ids: readonly string[]): number {
  let length = ENDING_CHARACTERS;
  while (length < MANY_CHARACTERS && new Set(ids.map((id) => id.slice(-length))).size < ids.length)
    length += 1;
  return length;
}
