import { formatDuration } from '../../core/duration-text.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { InboxView, RequestView } from '../../core/view.ts';
import { formatRecords, type ListRecord } from '../text/records.ts';
import type { World } from '../world.ts';

/** Ids differ in their last characters: so many of them are shown where a person reads, and can be typed. */
const ENDING_CHARACTERS = 6;
const MANY_CHARACTERS = 26;

/** The inbox as lines: what waits, oldest first, and below it the break-glass that is to be looked at. */
export function formatInbox(world: World, inbox: InboxView): string {
  const { requests, afterwards } = inbox;
  if (requests.length === 0 && afterwards.length === 0) return 'nothing waits for you';
  const all = [...requests, ...afterwards];
  const shorten = createShortener(world, all);
  const waiting = requests.map((request) => buildRecord(world, request, shorten));
  const later = afterwards.map((request) => buildLaterRecord(world, request, shorten));
  const parts = [
    waiting.length > 0 ? formatRecords(world, { headings: HEADINGS, records: waiting }) : '',
    later.length > 0 ? formatRecords(world, { headings: LATER_HEADINGS, records: later }) : '',
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

const HEADINGS = {
  cells: ['REQUEST', 'WHO', 'TARGET', 'SCOPES', 'FOR', 'APPROVALS', 'LAPSES IN'],
  below: ['REASON'],
};
const LATER_HEADINGS = { cells: ['BREAK-GLASS', 'WHO', 'TARGET', 'SCOPES', 'REVIEW'], below: ['REASON'] };

type Shorten = (id: string) => string;

function buildRecord(world: World, request: RequestView, shorten: Shorten): ListRecord {
  const { approvals } = request;
  const cells = [
    { text: shorten(request.id), paint: world.terminal.paint.accent },
    request.requestedBy,
    request.target,
    request.scopes.join(' '),
    formatDuration(request.durationSeconds),
    `${approvals.given} of ${Math.max(1, approvals.needed)}`,
    describeLeft(world, request.lapsesAt),
  ];
  return { cells, below: [request.reason] };
}

function buildLaterRecord(world: World, request: RequestView, shorten: Shorten): ListRecord {
  const { paint } = world.terminal;
  const { afterwards } = request;
  const isOverdue = afterwards?.state === 'overdue';
  const due = isOverdue ? 'OVERDUE' : `due in ${describeLeft(world, afterwards?.dueAt ?? 0)}`;
  const cells = [
    { text: shorten(request.id), paint: paint.accent },
    request.requestedBy,
    request.target,
    request.scopes.join(' '),
    { text: due, paint: isOverdue ? paint.bad : paint.warn },
  ];
  return { cells, below: [request.reason] };
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
