import { formatInstant } from '../../../core/time.ts';
import type { AfterwardsView, GrantView, RequestView } from '../../../core/view.ts';

/** How the request stands, and the grant that came of it, in a sentence or two. */
export function describeState(request: RequestView, grant?: GrantView): string {
  const state =
    request.state === 'claimed' ? describeClaimed(request, grant) : STATES[request.state](request);
  return request.afterwards ? `${state} ${describeAfterwards(request.afterwards)}` : state;
}

const STATES: Readonly<Record<Exclude<RequestView['state'], 'claimed'>, (request: RequestView) => string>> = {
  pending: describePending,
  approved: ({ claimBy }) =>
    claimBy === null ? 'Approved.' : `Approved. To be claimed by ${formatInstant(claimBy)}.`,
  denied: () => 'Denied.',
  cancelled: () => 'Taken back.',
  lapsed: () => 'Lapsed.',
};

/** More time is said of the request for it; whether it is still used stands on the grant's own. */
function describeClaimed({ extendsGrantId }: RequestView, grant: GrantView | undefined): string {
  if (extendsGrantId !== null) return 'Approved, and the access lasts longer.';
  if (grant?.state === 'revoking') return 'Approved, and being taken away.';
  if (grant?.state !== 'ended' || grant.endedAt === null) return 'Approved and in use.';
  return `Approved, and over since ${formatInstant(grant.endedAt)}: ${grant.endedBecause ?? 'ended'}.`;
}

function describePending({ approvals, escalatedAt, lapsesAt }: RequestView): string {
  const { given, needed, groups } = approvals;
  const of = groups.length === 0 ? '' : `, still from ${groups.join(' and ')}`;
  const called = escalatedAt === null ? '' : ' Nobody decided in time, so others were called.';
  return `${given} of ${Math.max(1, needed)} approved${of}. Lapses at ${formatInstant(lapsesAt)}.${called}`;
}

function describeAfterwards({ state, by, dueAt }: AfterwardsView): string {
  if (state === 'due') return `To be reviewed by somebody else by ${formatInstant(dueAt)}.`;
  if (state === 'overdue') return `Nobody has reviewed it: that was due at ${formatInstant(dueAt)}.`;
  return `Reviewed by ${by ?? 'somebody'}: ${state}.`;
}
