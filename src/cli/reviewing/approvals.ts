import { formatDuration } from '../../core/duration-text.ts';
import { measureColumns, neutralise } from '../../core/text.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { RequestView } from '../../core/view.ts';
import type { World } from '../world.ts';

type CanApprove = Pick<RequestView, 'canApprove'> & Partial<Pick<RequestView, 'approvals'>>;

/** Whom a request waits for: `dba-lead`, `dba-lead or eva`, `dba-lead or 2 others`. */
export function describeApprovers({ canApprove, approvals }: CanApprove): string {
  const [first, second, ...more] = canApprove;
  if (first === undefined) {
    const groups = approvals?.groups ?? [];
    return groups.length > 0 ? `somebody of ${groups.join(' and ')}` : 'a reviewer';
  }
  if (second === undefined) return first;
  return more.length === 0 ? `${first} or ${second}` : `${first} or ${more.length + 1} others`;
}

/**
 * `dba-lead or 2 others can approve, 2 must · told on slack · https://…`: who, how they know, and the link to send them,
 * which stands alone where it would be broken in two.
 */
export function tellHelp({ terminal }: World, request: RequestView): void {
  const told = request.told.length > 0 ? ` · told on ${request.told.join(', ')}` : '';
  const who = `  ${describeHelpers(request)}${told}`;
  const line = `${who} · ${request.url}`;
  const fits = !terminal.animated || measureColumns(neutralise(line)) <= terminal.columns;
  for (const part of fits ? [line] : [who, `  ${request.url}`]) terminal.tell(part);
}

/** Where a company's provider knows more people than have been here, that nobody can yet is said before anybody waits. */
function describeHelpers(request: RequestView): string {
  const { needed, given, groups } = request.approvals;
  const must = needed - given > 1 ? `, ${needed - given} must` : '';
  if (request.canApprove.length > 0) return `${describeApprovers(request)} can approve${must}`;
  const of = groups.length > 0 ? `somebody of ${groups.join(' and ')}` : 'whoever can';
  return `nobody ${given > 0 ? 'else ' : ''}whom jit has seen can approve it yet: ask ${of} to log in`;
}

/** `1 of 2: dba-lead approved 20 s ago`; empty where one is enough and nobody has. */
export function describeProgress(world: World, { approvals, decision }: RequestView): string {
  const last = decision?.reviews.findLast(({ outcome }) => outcome === 'approved');
  const needed = Math.max(1, approvals.needed);
  const count = `${approvals.given} of ${needed}`;
  if (last) {
    const still = approvals.groups.length > 0 ? `, somebody of ${approvals.groups.join(' and ')} must` : '';
    return `${count}: ${last.by} approved ${describeAgo(world, last.at)}${still}`;
  }
  return needed > 1 ? count : '';
}

/** `20 s ago`; over two minutes nobody counts seconds. */
export function describeAgo(world: Pick<World, 'clock'>, at: number): string {
  const seconds = Math.max(0, (world.clock.now() - at) / SECOND_MS);
  return `${formatDuration(seconds > 120 ? Math.floor(seconds / 60) * 60 : Math.floor(seconds))} ago`;
}

/** `for 15 min instead of 30 min, without prod:db.write`; empty where nothing was taken off. */
export function describeNarrowing(
  request: Pick<RequestView, 'scopes' | 'durationSeconds' | 'originally'>,
): string {
  const { originally, scopes, durationSeconds } = request;
  const dropped = originally.scopes.filter((scope) => !scopes.includes(scope));
  const shorter =
    durationSeconds < originally.durationSeconds
      ? `for ${formatDuration(durationSeconds)} instead of ${formatDuration(originally.durationSeconds)}`
      : '';
  const without = dropped.length > 0 ? `without ${dropped.join(' ')}` : '';
  return [shorter, without].filter((part) => part !== '').join(', ');
}

/** Who approved, by name and once each. */
export function listApproving({ decision }: Pick<RequestView, 'decision'>): readonly string[] {
  const approving = (decision?.reviews ?? []).filter(({ outcome }) => outcome === 'approved');
  return [...new Set(approving.map(({ by }) => by))];
}
