import { formatInstant } from '../../../core/time.ts';
import type { AfterwardsView, RequestView } from '../../../core/view.ts';

/** How the request stands, in a sentence or two. */
export function describeState(request: RequestView): string {
  const state = STATES[request.state](request);
  return request.afterwards ? `${state} ${describeAfterwards(request.afterwards)}` : state;
}

const STATES: Readonly<Record<RequestView['state'], (request: RequestView) => string>> = {
  pending: describePending,
  approved: ({ claimBy }) =>
    claimBy === null ? 'Approved.' : `Approved. To be claimed by ${formatInstant(claimBy)}.`,
  claimed: () => 'Approved and in use.',
  denied: () => 'Denied.',
  cancelled: () => 'Taken back.',
  lapsed: () => 'Lapsed.',
};

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
