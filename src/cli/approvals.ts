import { formatDuration } from '../core/duration-text.ts';
import { SECOND_MS } from '../core/time.ts';
import type { RequestView } from '../core/view.ts';
import type { World } from './world.ts';

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

/** `dba-lead or 2 others can approve, 2 must · told on slack · https://…`: who, how they know, and the link to send. */
export function describeHelp(request: RequestView): string {
  const { needed } = request.approvals;
  const must = needed > 1 ? `, ${needed} must` : '';
  const parts = [
    `${describeApprovers(request)} can approve${must}`,
    request.told.length > 0 ? `told on ${request.told.join(', ')}` : '',
    request.url,
  ];
  return parts.filter((part) => part !== '').join(' · ');
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
